import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@Suite struct ProtocolErrorTests {
    @Test(arguments: [
        (ProtocolErrorKind.parseError, -32700, "parse-error"), (.invalidRequest, -32600, "invalid-request"),
        (.noSuchMethod, -32601, "no-such-method"), (.invalidParams, -32602, "invalid-params"),
        (.internalError, -32603, "internal"), (.notPermitted, -32001, "not-permitted"), (.busy, -32002, "busy"),
        (.shuttingDown, -32003, "shutting-down"), (.noSuchService, -32004, "no-such-service"),
        (.timedOut, -32005, "timed-out"), (.failed, -32006, "failed"),
        (.invalidConfiguration, -32007, "invalid-configuration"), (.planChanged, -32008, "plan-changed"),
        (.tooMany, -32009, "too-many"),
    ])
    func everyKindHasItsCodeAndWord(_ kind: ProtocolErrorKind, code: Int, word: String) {
        #expect(kind.code == code)
        #expect(kind.rawValue == word)
        #expect(ProtocolErrorKind(code: code) == kind)
    }

    @Test func codesDiffer() {
        #expect(Set(ProtocolErrorKind.allCases.map(\.code)).count == ProtocolErrorKind.allCases.count)
    }

    @Test func anErrorIsWrittenAsTheContractShowsIt() {
        let error = ProtocolError(.noSuchService, "no service is named 'wbe'", suggestion: "web")
        let expected =
            #"{"code":-32004,"message":"no service is named 'wbe'","#
            + #""data":{"kind":"no-such-service","suggestion":"web"}}"#
        #expect(text(error) == expected)
    }

    @Test func anErrorComesBackWithSuggestionAndDetails() throws {
        var details = JSONObject()
        details["class"] = "admin"
        let error = ProtocolError(.notPermitted, "no", suggestion: "x", details: details)
        #expect(try roundTrip(error) == error)
    }

    @Test func detailsCannotReplaceTheKind() throws {
        var details = JSONObject()
        details["kind"] = "busy"
        #expect(try roundTrip(ProtocolError(.failed, "no", details: details)).kind == .failed)
    }

    @Test func anUnknownKindIsTakenByItsCodeAndElseAsFailed() throws {
        let known = try ProtocolError(from: json(#"{"code":-32002,"message":"m","data":{"kind":"overfull"}}"#))
        #expect(known.kind == .busy)
        let unknown = try ProtocolError(from: json(#"{"code":-1,"message":"m"}"#))
        #expect(unknown.kind == .failed)
    }

    @Test(arguments: [
        (
            Denial("config.plan", needs: .admin), "config.plan",
            "only root does; run supctl with sudo, or have 'admin' of [supervisor.access] name your user"
        ),
        (
            Denial("service.stop", of: "web@2", needs: .operate, holders: ["root", "uid 7 (deploy)"]),
            "service.stop of web@2",
            "only root and uid 7 (deploy) do; run supctl with sudo or as that user, or have 'operate' of the service's "
                + "'access' name your user"
        ),
        (
            Denial(
                "service.stop", of: "web", needs: .operate, holders: ["root", "@ops"],
                tables: ["service.web.access", "supervisor.access"]), "service.stop of web",
            "those who do are root, @ops ([service.web.access] over [supervisor.access]); run supctl with sudo"
        ),
    ])
    func aDenialSaysAsDataWhatItsSentenceSays(_ denial: Denial, what: String, who: String) throws {
        let error = try roundTrip(ProtocolError.notPermitted(denial))
        #expect(error.kind == .notPermitted && error.denial == denial)
        #expect(
            error.message
                == "\(what) needs the access class '\(denial.needs.rawValue)', which your user does not have: \(who)")
    }

    @Test func anotherErrorIsNoDenialAndNeitherIsOneThatSaysLess() throws {
        #expect(
            ProtocolError(.failed, "no", details: ProtocolError.notPermitted(Denial("m", needs: .admin)).details).denial
                == nil)
        let less = try ProtocolError(
            from: json(#"{"code":-32001,"message":"m","data":{"kind":"not-permitted","class":"admin"}}"#))
        #expect(less.kind == .notPermitted && less.denial == nil)
    }

    private static func fault(_ line: Int) -> ProtocolError.ConfigurationFault {
        .init(file: "/etc/supd/supd.toml", line: line, column: line == 0 ? 0 : 3, message: "no key is named 'x'")
    }

    @Test func theFaultsOfAConfigurationComeBackWithTheirPlaces() throws {
        let faults = [Self.fault(0), Self.fault(7)]
        let error = try roundTrip(ProtocolError.invalidConfiguration(faults))
        #expect(error.kind == .invalidConfiguration)
        #expect(error.message == "the configuration has 2 faults; nothing was changed")
        #expect(error.configurationFaults == faults)
        #expect(error.faultsNotNamed == 0)
        #expect(
            faults.map(\.description) == [
                "/etc/supd/supd.toml: no key is named 'x'", "/etc/supd/supd.toml:7:3: no key is named 'x'",
            ])
        #expect(ProtocolError.invalidConfiguration([Self.fault(1)]).message.contains("has a fault;"))
    }

    @Test func anErrorNamesSoManyFaultsAndCountsTheOthers() throws {
        let most = (1...ProtocolLimits.faultsNamed).map(Self.fault)
        #expect(ProtocolError.invalidConfiguration(most).details["more"] == nil)
        let error = try roundTrip(ProtocolError.invalidConfiguration(most + [Self.fault(1), Self.fault(2)]))
        #expect(error.configurationFaults == most)
        #expect(error.faultsNotNamed == 2)
        #expect(error.message.contains("\(ProtocolLimits.faultsNamed + 2) faults"))
    }

    @Test func aPlanThatHasChangedIsAnsweredWithItsNewToken() throws {
        let error = try roundTrip(ProtocolError.planChanged(token: "3f2a"))
        #expect(error.kind == .planChanged && error.planToken == "3f2a")
        #expect(error.configurationFaults.isEmpty && error.faultsNotNamed == 0)
    }

    @Test func faultsThatAreNoneArePassedOver() throws {
        let error = try ProtocolError(
            from: json(#"{"code":-32007,"message":"m","data":{"faults":[7,{"file":"f"},{"file":"f","message":"m"}]}}"#))
        #expect(error.configurationFaults == [.init(file: "f", line: 0, column: 0, message: "m")])
    }

    @Test func anUnknownNameIsAnsweredWithTheNearest() {
        func error(_ selector: String, _ suggestion: String?) -> ProtocolError {
            .noSuchService(ServiceSelector(selector), suggestion: suggestion)
        }
        #expect(error("wbe", "web").description == "no service is named 'wbe'; did you mean 'web'?")
        #expect(
            error("tag:frnt", "tag:front").description == "no service has the tag 'tag:frnt'; did you mean 'tag:front'?"
        )
        #expect(error("all", "ball").description == "no service is named 'all'; '*' means every service")
        let glob = error("x*", nil)
        #expect(glob.suggestion == nil)
        #expect(glob.message.contains("'x*'"))
    }

    @Test func aNameFromOutsideCannotForgeALine() {
        let error = ProtocolError.noSuchService(ServiceSelector("a\nb\u{1B}c"), suggestion: nil)
        #expect(error.message == #"no service is named 'a\nb\u{1B}c'"#)
        let long = ProtocolError.noSuchService(ServiceSelector(String(repeating: "x", count: 500)), suggestion: nil)
        #expect(long.message.count < 120)
    }
}
