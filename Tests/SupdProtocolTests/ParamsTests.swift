import SupdPlugin
import SupdProtocol
import Testing

@Suite struct ParamsTests {
    private func error(_ method: String, _ params: String) -> ProtocolError? {
        rejection(#"{"id":1,"method":"\#(method)","params":\#(params)}"#)?.error
    }

    private func call(_ method: String, _ params: String) -> Request.Call? {
        decode(#"{"id":1,"method":"\#(method)","params":\#(params)}"#).value?.call
    }

    @Test func anUnknownParamIsRefusedWithTheNearest() {
        let error = error("service.stop", #"{"services":["web"],"tiemout":3}"#)
        #expect(error?.kind == .invalidParams)
        #expect(error?.suggestion == "timeout")
        #expect(error?.message == "service.stop has no param 'tiemout': it takes services, wait, timeout")
    }

    @Test(arguments: [
        "service.start", "service.stop", "service.restart", "service.reset_failed", "service.why", "logs.read",
    ])
    func servicesAreRequiredAndNotEmpty(_ method: String) {
        #expect(error(method, "{}")?.kind == .invalidParams)
        #expect(error(method, #"{"services":[]}"#)?.kind == .invalidParams)
        #expect(call(method, #"{"services":["web"]}"#) != nil)
    }

    @Test func statusIsOfAllWhereNoneIsNamed() {
        #expect(call("service.status", "{}") == .serviceStatus(ServiceSelection()))
        #expect(call("service.status", #"{"services":[]}"#) == .serviceStatus(ServiceSelection()))
        #expect(call("service.status", #"{"services":["a"]}"#) == .serviceStatus(ServiceSelection(services: ["a"])))
    }

    /// One name is kept without a list.
    @Test func aSelectionIsTheSameHoweverManyItNames() {
        for names in [[], ["a"], ["a", "b"], ["a", "b", "c"]] {
            let list = names.map { #""\#($0)""# }.joined(separator: ",")
            guard case .serviceStatus(var selection)? = call("service.status", #"{"services":[\#(list)]}"#) else {
                Issue.record("no status of \(names)")
                continue
            }
            #expect(selection == ServiceSelection(services: names))
            #expect(selection.services == names && selection.only == (names.count == 1 ? names[0] : nil))
            selection.services = ["d"]
            #expect(selection == ServiceSelection(services: ["d"]) && selection.only == "d")
        }
    }

    @Test(arguments: [#""web""#, "7", "true", #"[1]"#, #"[""]"#, #"[null]"#, #"[["web"]]"#, #"{"web":1}"#])
    func servicesAreAListOfNames(_ services: String) {
        #expect(error("service.stop", #"{"services":\#(services)}"#)?.kind == .invalidParams)
    }

    @Test func aParamIsFoundWhereverItStandsAndHoweverItIsWritten() {
        let order = OrderParams(services: ["a", "é"], wait: true, timeout: .seconds(3))
        for params in [
            #"{"services":["a","é"],"wait":true,"timeout":3}"#, #"{"timeout":3,"wait":true,"services":["a","é"]}"#,
            #"{ "wait" : true , "\u0073ervices" : [ "\u0061" , "\u00e9" ] , "timeout" : 3.0 }"#,
        ] {
            #expect(call("service.stop", params) == .serviceStop(order))
            let first = decode(#"{"params":\#(params),"method":"service\u002estop","id":1}"#).value
            #expect(first?.call == .serviceStop(order))
        }
    }

    /// Also one that no method takes is kept, to be told from itself.
    @Test(arguments: ["services", "wait", "nothing of the kind"])
    func noParamIsThereTwice(_ name: String) {
        let escaped = "\\u00" + String(name.utf8.first ?? 0, radix: 16) + name.dropFirst()
        let error = error("service.stop", #"{"\#(name)":[],"timeout":1,"\#(escaped)":[]}"#)
        #expect(error?.kind == .parseError)
        #expect(error?.message.contains("the key \"\(name)\" is there twice") == true)
    }

    @Test func allParamsAtOnceAreMoreThanAnyMethodTakes() {
        let all = Method.Parameter.allCases.map { #""\#($0.rawValue)":null"# }.joined(separator: ",")
        for method in Method.allCases {
            #expect(error(method.rawValue, "{\(all)}")?.message.contains("has no param") == true)
        }
    }

    @Test func ofAWrongNameAndTooManyTheirNumberIsSaid() {
        let more = Array(repeating: "1", count: ProtocolLimits.selectors + 1).joined(separator: ",")
        #expect(error("service.stop", #"{"services":[\#(more)]}"#)?.message.contains("glob") == true)
    }

    @Test func thePlaceOfAWrongNameIsSaid() {
        #expect(error("service.stop", #"{"services":["a",2]}"#)?.message.contains("'services[1]'") == true)
    }

    @Test func theNumberAndLengthOfNamesHaveLimits() {
        let most = Array(repeating: #""a""#, count: ProtocolLimits.selectors)
        #expect(call("service.stop", #"{"services":[\#(most.joined(separator: ","))]}"#) != nil)
        let more = (most + [#""a""#]).joined(separator: ",")
        #expect(error("service.stop", #"{"services":[\#(more)]}"#)?.message.contains("glob") == true)
        let longest = String(repeating: "n", count: ProtocolLimits.selectorBytes)
        #expect(call("service.stop", #"{"services":["\#(longest)"]}"#) != nil)
        #expect(error("service.stop", #"{"services":["\#(longest)n"]}"#) != nil)
    }

    @Test(arguments: [
        ("0", Duration.zero), ("1.5", .milliseconds(1500)), ("86400", .seconds(86_400)),
        ("9.018446744", .microseconds(9_018_447)),
    ])
    func aTimeoutIsANumberOfSeconds(_ timeout: String, expected: Duration) {
        let order = OrderParams(services: ["a"], timeout: expected)
        #expect(call("service.stop", #"{"services":["a"],"timeout":\#(timeout)}"#) == .serviceStop(order))
    }

    @Test(arguments: [#""30s""#, "-1", "86401", "1e300", "true", "9223372036854775807"])
    func aTimeoutThatIsNoneIsRefused(_ timeout: String) {
        let error = error("service.stop", #"{"services":["a"],"timeout":\#(timeout)}"#)
        #expect(error?.kind == .invalidParams)
        #expect(error?.message.contains("'timeout'") == true)
    }

    @Test func waitIsTrueOrFalse() {
        #expect(call("supervisor.drain", #"{"wait":true}"#) == .supervisorDrain(DrainParams(wait: true)))
        #expect(call("supervisor.shutdown", #"{"wait":null}"#) == .supervisorShutdown(DrainParams()))
        #expect(error("supervisor.shutdown", #"{"wait":1}"#)?.kind == .invalidParams)
    }

    @Test func onlyAShutdownIsAskedForNow() {
        #expect(call("supervisor.shutdown", #"{"now":true}"#) == .supervisorShutdown(DrainParams(now: true)))
        #expect(call("supervisor.shutdown", #"{"now":false}"#) == .supervisorShutdown(DrainParams()))
        #expect(error("supervisor.shutdown", #"{"now":"yes"}"#)?.message.contains("'now'") == true)
        #expect(error("supervisor.drain", #"{"now":true}"#)?.kind == .invalidParams)
    }

    @Test func aReloadWaitsUnlessToldNotTo() {
        #expect(call("config.reload", "{}") == .configReload(ReloadParams(wait: true)))
        #expect(call("config.reload", #"{"wait":null,"defer":null}"#) == .configReload(ReloadParams()))
        #expect(call("config.reload", #"{"wait":false}"#) == .configReload(ReloadParams(wait: false)))
        let all = ReloadParams(expect: "3f", deferred: true, timeout: .seconds(9))
        #expect(call("config.reload", #"{"expect":"3f","defer":true,"timeout":9}"#) == .configReload(all))
        #expect(error("config.reload", #"{"defer":1}"#)?.message.contains("'defer'") == true)
        #expect(error("config.plan", #"{"wait":true}"#)?.kind == .invalidParams)
    }

    @Test func theTokenOfAPlanHasALimit() {
        let longest = String(repeating: "f", count: ProtocolLimits.planTokenBytes)
        #expect(
            call("config.reload", #"{"expect":"\#(longest)"}"#) == .configReload(ReloadParams(expect: longest)))
        for token in [#""\#(longest)f""#, #""""#, "7", "[]"] {
            let error = error("config.reload", #"{"expect":\#(token)}"#)
            #expect(error?.message.hasPrefix("'expect' must be the 'token' of a plan, found ") == true, "\(token)")
        }
    }

    @Test func logFilesAreReopenedOfAllWhereNoneIsNamed() {
        #expect(call("logs.reopen", "{}") == .logsReopen(ServiceSelection()))
        #expect(call("logs.reopen", #"{"services":["a"]}"#) == .logsReopen(ServiceSelection(services: ["a"])))
        #expect(error("logs.reopen", #"{"services":"a"}"#)?.kind == .invalidParams)
    }

    @Test func aSignalIsSaidByName() {
        let hup = SignalParams(services: ["a"], signal: .hup)
        #expect(call("service.signal", #"{"services":["a"],"signal":"SIGHUP"}"#) == .serviceSignal(hup))
        #expect(call("service.signal", #"{"services":["a"],"signal":"hup"}"#) == .serviceSignal(hup))
        #expect(error("service.signal", #"{"services":["a"],"signal":1}"#)?.kind == .invalidParams)
        #expect(error("service.signal", #"{"services":["a"]}"#)?.kind == .invalidParams)
        #expect(error("service.signal", #"{"services":["a"],"signal":"SIGTREM"}"#)?.suggestion == "SIGTERM")
    }

    @Test func aScaleNamesOneServiceAndANumber() {
        let three = ScaleParams(service: "web", instances: 3)
        #expect(call("service.scale", #"{"service":"web","instances":3}"#) == .serviceScale(three))
        for params in [
            #"{"service":"web"}"#, #"{"instances":3}"#, #"{"service":"","instances":3}"#,
            #"{"service":["web"],"instances":3}"#, #"{"service":"web","instances":0}"#,
            #"{"service":"web","instances":1001}"#, #"{"service":"web","instances":"3"}"#,
        ] {
            #expect(error("service.scale", params)?.kind == .invalidParams, "\(params)")
        }
    }

    @Test func changesAreWithinTheirLimits() {
        #expect(call("service.why", #"{"services":["a"]}"#) == .serviceWhy(WhyParams(services: ["a"], changes: 64)))
        #expect(
            call("service.why", #"{"services":["a"],"changes":0}"#)
                == .serviceWhy(WhyParams(services: ["a"], changes: 0)))
        #expect(error("service.why", #"{"services":["a"],"changes":65}"#)?.message.contains("from 0 to 64") == true)
        #expect(error("service.why", #"{"services":["a"],"changes":-1}"#)?.kind == .invalidParams)
    }

    @Test func howManyAreTakenIsWithinItsLimits() {
        for method in ["service.why", "service.tree"] {
            for wrong in ["0", "-1", "100001", "1.5", #""8""#] {
                let params = #"{"services":["a"],"at_most":\#(wrong)}"#
                #expect(error(method, params)?.message.contains("from 1 to 100000") == true, "\(params)")
            }
        }
        #expect(call("service.tree", #"{"at_most":8}"#) == .serviceTree(TreeParams(atMost: 8)))
        #expect(call("service.tree", #"{"at_most":null}"#) == .serviceTree(TreeParams()))
        #expect(call("events.subscribe", #"{"last":0}"#) == .eventsSubscribe(EventParams(last: 0)))
        for wrong in ["-1", "2049", "true"] {
            let problem = error("events.subscribe", #"{"last":\#(wrong)}"#)?.message
            #expect(problem?.contains("from 0 to 2048") == true, "\(wrong)")
        }
    }

    @Test func aDirectionIsOneOfTwo() {
        let needs = DependencyParams(services: ["a"], direction: .needs)
        #expect(call("service.dependencies", #"{"services":["a"],"direction":"needs"}"#) == .serviceDependencies(needs))
        let problem = error("service.dependencies", #"{"direction":"up"}"#)?.message
        #expect(problem == #"'direction' must be needs or needed_by, found '"up"'"#)
    }

    /// A double has not every number beyond 2^53: another one is not taken for it, and none is told in its place.
    @Test func aNumberIsTakenAsItIsWrittenOrRefusedSo() {
        let exact = EventParams(since: 9_007_199_254_740_993)
        #expect(call("events.subscribe", #"{"since":9007199254740993}"#) == .eventsSubscribe(exact))
        for number in ["9007199254740993.0", "18446744073709551617", "1.50", "1E19"] {
            #expect(
                error("events.subscribe", #"{"since" : \#(number) }"#)?.message
                    == "'since' must be the 'sequence' of an event, found '\(number)'")
        }
        #expect(
            error("logs.read", #"{"services":["a"],"before":9007199254740993.0}"#)?.message
                == "'before' must be the number that a reply has as 'earlier', found '9007199254740993.0'")
        #expect(
            error("service.stop", #"{"services":["a"],"timeout":1.0e6}"#)?.message.hasSuffix("found '1.0e6'") == true)
    }

    @Test func linesAreWithinTheirLimits() {
        #expect(call("logs.read", #"{"services":["a"]}"#) == .logsRead(LogsParams(services: ["a"], lines: 20)))
        let most = LogsParams(services: ["a"], lines: 1000)
        #expect(call("logs.read", #"{"services":["a"],"lines":1000}"#) == .logsRead(most))
        let before = LogsParams(services: ["a"], before: 7)
        #expect(call("logs.read", #"{"services":["a"],"before":7}"#) == .logsRead(before))
        #expect(error("logs.read", #"{"services":["a"],"before":-1}"#)?.kind == .invalidParams)
        #expect(
            call("logs.follow", #"{"services":["a"],"lines":0}"#)
                == .logsFollow(FollowParams(services: ["a"], lines: 0)))
        let since = FollowParams(services: ["a"], lines: 1000, since: 7)
        #expect(call("logs.follow", #"{"services":["a"],"since":7}"#) == .logsFollow(since))
        #expect(error("logs.follow", #"{"services":["a"],"since":-1}"#)?.kind == .invalidParams)
        #expect(error("logs.follow", #"{"services":["a"],"lines":1001}"#)?.message.contains("from 0 to 1000") == true)
        #expect(call("events.subscribe", "{}") == .eventsSubscribe(EventParams()))
        let kinds = #"{"kinds":["state","moon"]}"#
        let moon = error("events.subscribe", kinds)?.message
        #expect(moon?.hasPrefix("'kinds[1]' must be one of state, health, ") == true, "\(moon ?? "")")
        #expect(moon?.hasSuffix("found '\"moon\"'") == true, "\(moon ?? "")")
        #expect(error("events.subscribe", #"{"kinds":["stat"]}"#)?.suggestion == "state")
        #expect(error("events.subscribe", #"{"kinds":[7]}"#)?.message.hasPrefix("'kinds[0]' must be one of ") == true)
        #expect(
            error("events.subscribe", #"{"kinds":"state"}"#)?.message.hasPrefix("'kinds' must be a list of ") == true)
        #expect(error("events.subscribe", #"{"since":-1}"#)?.kind == .invalidParams)
        for lines in ["0", "1001", "-1", "1.5", #""5""#] {
            #expect(error("logs.read", #"{"services":["a"],"lines":\#(lines)}"#)?.kind == .invalidParams)
        }
    }
}
