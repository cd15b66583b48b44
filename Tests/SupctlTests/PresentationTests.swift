import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct PresentationTests {
    private func outcome(_ verb: Verb, _ result: some WireValue, json: Bool = false) throws -> Outcome {
        var writer = JSONWriter()
        result.encode(into: &writer)
        let value = try JSONValue(parsing: writer.bytes, limits: .document)
        return try Presentation(json: json, terminal: .none, now: now).outcome(of: verb, value)
    }

    private func statusOf(_ services: [ServiceStatus], named: Bool) throws -> ExitCode {
        try outcome(.status(services: named ? ["*"] : []), ServiceList(services: services)).status
    }

    @Test(arguments: ServiceState.allCases) func aNamedServiceThatDoesNotRunIsThree(_ state: ServiceState) throws {
        let service = status(instance("web"), state, desired: .down)
        #expect(try statusOf([service], named: true) == (state == .running ? .done : .notRunning))
    }

    @Test(arguments: ServiceState.allCases) func ofAllServicesThoseMustRunThatAreWantedUp(_ state: ServiceState) throws
    {
        let wanted = status(instance("web"), state, desired: .up)
        #expect(try statusOf([wanted], named: false) == ([.running, .starting].contains(state) ? .done : .notRunning))
        #expect(try statusOf([status(instance("web"), state, desired: .down)], named: false) == .done)
    }

    @Test func aOneshotThatHasDoneItsWorkIsFine() throws {
        func oneshot(_ code: Int32) -> ServiceStatus {
            status(instance("migrate"), .exited, ready: false, lastExit: exit(code: code), type: .oneshot)
        }
        #expect(try statusOf([oneshot(0)], named: true) == .done)
        #expect(try statusOf([oneshot(0)], named: false) == .done)
        #expect(try statusOf([oneshot(1)], named: true) == .notRunning)
        let exec = status(instance("web"), .exited, ready: false, lastExit: exit(code: 0))
        #expect(try statusOf([exec], named: true) == .notRunning)
    }

    @Test func oneThatDoesNotRunAmongManyIsThree() throws {
        let services = [status(instance("a"), .running), status(instance("b"), .stopped)]
        #expect(try statusOf(services, named: true) == .notRunning)
    }

    @Test func jsonIsTheDaemonsOwnObject() throws {
        let value: JSONValue = ["services": [], "since_a_later_version": ["x": 1.5, "y": nil]]
        let outcome = try Presentation(json: true, terminal: Terminal(width: 10, hasColour: true), now: now)
            .outcome(of: .status(services: []), value)
        #expect(outcome.output == #"{"services":[],"since_a_later_version":{"x":1.5,"y":null}}"# + "\n")
    }

    @Test func anOrderShowsWhatFailedBesideWhatDidNot() throws {
        let results = ServiceResults(services: [
            ServiceResult(status: status(instance("a"), .running)),
            ServiceResult(
                status: status(instance("b"), .starting), error: ProtocolError(.timedOut, "b is not up after 1s")),
        ])
        let order = Verb.order(.start, services: ["*"], wait: true, timeout: .seconds(1))
        let outcome = try outcome(order, results)
        #expect(outcome.status == .timedOut)
        #expect(outcome.errors == "supctl: b is not up after 1s\n")
        #expect(outcome.output.contains("a     RUNNING"))
        #expect(outcome.output.contains("b     STARTING"))
    }

    @Test func whatWasRefusedIsNamedByItsVerbAndHasNoHint() throws {
        let missing = ExitRecord(
            attempt: 1, pid: nil,
            outcome: .spawnFailed(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/wbe")), ranFor: .zero
        )
        let service = status(instance("a"), .fatal, lastExit: LastExit(missing, at: now, success: false))
        func errors(_ error: ProtocolError) throws -> String {
            try outcome(
                .resetFailed(services: ["a"], timeout: nil),
                ServiceResults(services: [ServiceResult(status: service, error: error)])
            ).errors
        }
        let denied = ProtocolError.notPermitted(Denial("service.reset_failed", of: "a", needs: .operate))
        #expect(
            try errors(denied)
                == "supctl: 'reset-failed' of a needs the access class 'operate', which your user does not have: only root does; run supctl with sudo, or have 'operate' of the service's 'access' name your user\n"
        )
        let failed = try errors(ProtocolError(.failed, "a is FATAL"))
        #expect(failed.hasPrefix("supctl: a is FATAL\nsupctl: correct exec_start of a, "), "\(failed)")
    }

    @Test(arguments: [
        ([ProtocolErrorKind.timedOut, .failed], ExitCode.failed), ([.noSuchService], .noSuchService),
        ([.notPermitted, .timedOut], .notPermitted), ([.shuttingDown], .failed), ([], .done),
    ])
    func theErrorThatSaysMostDecides(_ kinds: [ProtocolErrorKind], expected: ExitCode) throws {
        let service = status(instance("a"), .stopped)
        let results = kinds.map { ServiceResult(status: service, error: ProtocolError($0, "no")) }
        #expect(
            try outcome(.resetFailed(services: ["a"], timeout: nil), ServiceResults(services: results)).status
                == expected)
    }

    @Test func whatAPluginSaysOfItselfCannotForgeALine() throws {
        let plugin = PluginStatus(
            name: "lb", version: "2", summary: "Balances.\u{1B}[2K", brings: ["method plugin.lb.state"], options: [])
        let outcome = try outcome(.plugins, PluginList(plugins: [plugin]))
        #expect(outcome.output == "lb 2: Balances.\\u{1B}[2K\n  method plugin.lb.state\n")
    }

    @Test func theOptionsOfAListOfTablesStandBelowIt() throws {
        let option = PluginOption(
            name: "backends", type: "a list of tables", standard: "[]", summary: "Where it goes.",
            options: [PluginOption(name: "share", type: "a number", standard: nil, summary: "How much.")])
        let plugin = PluginStatus(name: "lb", version: "2", summary: "Balances.", brings: [], options: [option])
        let outcome = try outcome(.plugins, PluginList(plugins: [plugin]))
        #expect(
            outcome.output == """
                lb 2: Balances.
                  [plugins.lb]
                    backends = []
                        a list of tables; Where it goes.
                        share = (needed)
                            a number; How much.

                """)
    }

    @Test func whatAPluginSaysOfItselfGoesOnBelow() throws {
        let option = PluginOption(
            name: "backends", type: "a list of tables", standard: "[]", summary: "Where it goes, one by one.")
        let plugin = PluginStatus(
            name: "lb", version: "2", summary: "Balances what comes over all that is up.", brings: [], options: [option]
        )
        var writer = JSONWriter()
        PluginList(plugins: [plugin]).encode(into: &writer)
        let outcome = try Presentation(json: false, terminal: Terminal(width: 30), now: now)
            .outcome(of: .plugins, JSONValue(parsing: writer.bytes, limits: .document))
        #expect(
            outcome.output == """
                lb 2: Balances what comes
                  over all that is up.
                  [plugins.lb]
                    backends = []
                        a list of tables;
                          Where it goes, one
                          by one.

                """)
    }

    @Test func theResultOfACallIsPrintedAsItIs() throws {
        let value: JSONValue = ["a": [1, nil], "b": "x\n"]
        let outcome = try Presentation(json: false, terminal: .none, now: now)
            .outcome(of: .call(PluginCall(method: "plugin.lb.state")), value)
        #expect(outcome == Outcome(output: #"{"a":[1,null],"b":"x\n"}"# + "\n"))
    }

    @Test func theSmallVerbsSayTheirResult() throws {
        #expect(try outcome(.ping, Acknowledgement(state: .running)).output == "supd is RUNNING\n")
        let drain = Verb.drain(wait: false, timeout: nil)
        #expect(try outcome(drain, Acknowledgement(state: .draining)).output == "supd is DRAINING\n")
        #expect(try outcome(.resume, Acknowledgement(state: .running)).output == "supd is RUNNING\n")
        let version = try outcome(.version, VersionInfo(version: "9.9")).output
        #expect(version == "supctl 0.1.0, protocol 1\nsupd 9.9, protocol 1\n")
    }

    /// What is asked for by another verb's method is still what was asked for.
    @Test func aDenialNamesTheVerbThatWasGiven() {
        func said(_ method: String, _ verb: Verb) -> String {
            let denial = ProtocolError.notPermitted(Denial(method, of: "priv", needs: .observe))
            return Session.outcome(of: .refused(denial), of: verb).errors
        }
        let wait = Verb.wait(services: ["priv"], condition: .running, timeout: nil)
        #expect(said("events.subscribe", wait).hasPrefix("supctl: 'wait' of priv needs "))
        #expect(said("service.why", .status(services: ["priv"])).hasPrefix("supctl: 'status' of priv needs "))
        #expect(said("service.status", .top(services: ["priv"])).hasPrefix("supctl: 'top' of priv needs "))
        #expect(said("service.tree", .tree(services: ["priv"])).hasPrefix("supctl: 'tree' of priv needs "))
    }

    /// Of many that were denied for one reason one line tells.
    @Test func denialsOfManyAreOneLine() {
        func denied(_ name: String, _ holders: [String] = []) -> ServiceResult {
            ServiceResult(
                status: status(instance(name), .running),
                error: .notPermitted(
                    Denial(
                        "service.stop", of: name, needs: .operate, holders: ["root"] + holders,
                        tables: holders.isEmpty ? [] : ["service.\(name).access", "supervisor.access"])))
        }
        let failed = ServiceResult(
            status: status(instance("h"), .fatal), error: ProtocolError(.failed, "h is FATAL: no"))
        let results = ["a", "b", "c"].map { denied($0) } + [failed, denied("x", ["@ops"])]
        #expect(
            RefusalText.text(results + ["d", "e", "f", "g"].map { denied($0) }) == """
                supctl: 'stop' of a, b, c, d, e and 2 more needs the access class 'operate', which your user does not have: only root does; run supctl with sudo, or have 'operate' of the service's 'access' name your user
                supctl: h is FATAL: no
                supctl: 'stop' of x needs the access class 'operate', which your user does not have: those who do are root, @ops ([service.x.access] over [supervisor.access]); run supctl with sudo

                """)
        #expect(RefusalText.text([results[0]]).hasPrefix("supctl: 'stop' of a needs "))
        // What says less than its data should is told as it is.
        let less = ServiceResult(
            status: status(instance("a"), .running), error: ProtocolError(.notPermitted, "a, no of a way"))
        #expect(RefusalText.text([less]) == "supctl: a, no of a way\n")
    }
}
