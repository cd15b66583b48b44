import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

private let weight: JSONObject = {
    let value: JSONValue = ["weight": [1, "b"]]
    return value.objectValue ?? JSONObject()
}()

@Suite struct ArgumentsTests {
    @Test(arguments: [
        ("status", Verb.status(services: [])), ("why web tag:a", .why(services: ["web", "tag:a"])),
        ("status web tag:front", .status(services: ["web", "tag:front"])),
        ("start web", .order(.start, services: ["web"], wait: true, timeout: .seconds(90))),
        ("stop a b", .order(.stop, services: ["a", "b"], wait: true, timeout: .seconds(90))),
        ("restart web@* --no-wait", .order(.restart, services: ["web@*"], wait: false, timeout: nil)),
        ("stop web --timeout 5s", .order(.stop, services: ["web"], wait: true, timeout: .seconds(5))),
        ("stop --timeout=1min30s web", .order(.stop, services: ["web"], wait: true, timeout: .seconds(90))),
        ("stop --timeout infinity web", .order(.stop, services: ["web"], wait: true, timeout: nil)),
        ("--timeout 2 stop web", .order(.stop, services: ["web"], wait: true, timeout: .seconds(2))),
        ("reload web", .order(.reload, services: ["web"], wait: true, timeout: .seconds(90))),
        (
            "scale web=3",
            .scale(ScaleParams(service: "web", instances: 3, wait: true, timeout: .seconds(90)))
        ),
        ("scale web=1 --no-wait", .scale(ScaleParams(service: "web", instances: 1))),
        ("plan", .plan), ("apply", .apply(ReloadParams(timeout: .seconds(90)))),
        ("apply --expect 3f2a --defer --no-wait", .apply(ReloadParams(expect: "3f2a", deferred: true, wait: false))),
        ("apply --timeout infinity", .apply(ReloadParams())),
        ("reopen-logs", .reopenLogs(services: [])), ("reopen-logs web@1", .reopenLogs(services: ["web@1"])),
        ("tree", .tree(services: [])), ("tree web@2", .tree(services: ["web@2"])),
        ("signal HUP web", .signal(.hup, services: ["web"], timeout: .seconds(10))),
        ("signal sigusr1 a b", .signal(.usr1, services: ["a", "b"], timeout: .seconds(10))),
        ("signal --wait USR1 a --timeout 2s", .signal(.usr1, services: ["a"], timeout: .seconds(2))),
        ("reset-failed a --no-wait", .resetFailed(services: ["a"], timeout: .seconds(10))),
        ("reset-failed a --timeout infinity", .resetFailed(services: ["a"], timeout: nil)),
        ("reset-failed a --timeout=500ms", .resetFailed(services: ["a"], timeout: .milliseconds(500))),
        ("reset-failed *", .resetFailed(services: ["*"], timeout: .seconds(10))),
        ("logs web", .logs(services: ["web"], lines: 20)),
        ("logs -n 5 web", .logs(services: ["web"], lines: 5)), ("logs -n5 web", .logs(services: ["web"], lines: 5)),
        ("logs -fn5 web", .logs(services: ["web"], lines: 5, follow: true)),
        ("logs -f -n0 web db", .logs(services: ["web", "db"], lines: 0, follow: true)),
        ("logs -f", .logs(services: ["*"], lines: 20, follow: true)),
        (
            "logs --stderr --since 2026-11-27T14:02:11Z --grep no[a-z] web",
            .logs(
                services: ["web"], lines: 20,
                filter: LogFilter(
                    since: TimeText.parse("2026-11-27T14:02:11Z"), isOfErrors: true,
                    pattern: try? LinePattern("no[a-z]")))
        ),
        ("events", .events(services: [], since: nil, follow: false)),
        (
            "events -n 3 --kind order,state --kind order",
            .events(services: [], since: nil, follow: false, kinds: [.order, .state], last: 3)
        ),
        ("logs --journal -n 3", .journal(services: [], JournalQuery(lines: 3))),
        ("logs --journal -f web", .journal(services: ["web"], JournalQuery(lines: 20, follow: true))),
        ("events --since 12 -f web", .events(services: ["web"], since: 12, follow: true)),
        ("restart --all", .order(.restart, services: ["*"], wait: true, timeout: .seconds(90))),
        ("signal --all HUP", .signal(.hup, services: ["*"], timeout: .seconds(10))),
        ("reset-failed --all", .resetFailed(services: ["*"], timeout: .seconds(10))),
        ("cat web", .cat(services: ["web"], all: false)), ("cat --all web", .cat(services: ["web"], all: true)),
        ("list-dependencies", .dependencies(services: [], reverse: false)),
        ("list-dependencies web --reverse", .dependencies(services: ["web"], reverse: true)),
        ("analyze", .analyze(.summary)), ("analyze blame", .analyze(.blame)),
        ("analyze critical-chain", .analyze(.criticalChain(of: nil))),
        ("analyze critical-chain web", .analyze(.criticalChain(of: "web"))),
        ("wait web", .wait(services: ["web"], condition: .ready, timeout: nil)),
        ("wait a b --for exited --timeout 5s", .wait(services: ["a", "b"], condition: .exited, timeout: .seconds(5))),
        ("logs --lines=7 web", .logs(services: ["web"], lines: 7)), ("tasks", .tasks(watch: false)),
        ("tasks --watch", .tasks(watch: true)), ("resume", .resume), ("plugins", .plugins), ("info", .info),
        ("ping", .ping),
        ("version", .version), ("drain", .drain(wait: false, timeout: nil)),
        ("shutdown --wait", .shutdown(wait: true, timeout: nil, now: false)),
        ("shutdown --wait --timeout 500ms", .shutdown(wait: true, timeout: .milliseconds(500), now: false)),
        ("shutdown --now", .shutdown(wait: false, timeout: nil, now: true)),
        ("call plugin.lb.state", .call(PluginCall(method: "plugin.lb.state"))),
        ("call lb.state", .call(PluginCall(method: "plugin.lb.state"))),
        (#"call lb.set {"weight":[1,"b"]}"#, .call(PluginCall(method: "plugin.lb.set", params: weight))),
        ("status -- --odd", .status(services: ["--odd"])),
    ])
    func aCommandLineIsRead(_ line: String, verb: Verb) {
        #expect(parse(line) == Invocation(verb: verb))
    }

    @Test(arguments: [
        "--socket /s --json status web", "status --socket /s --json web", "status web --json --socket=/s",
        "--json status web --socket /s",
    ])
    func commonOptionsStandBeforeOrAfterTheVerb(_ line: String) {
        #expect(parse(line) == Invocation(socket: "/s", json: true, verb: .status(services: ["web"])))
    }

    @Test func withoutAVerbItIsTheTableForWhoeverDoesNotKnowHowToGoOn() {
        #expect(parse("") == Invocation(isBare: true, verb: .status(services: [])))
        #expect(parse("--socket /s") == Invocation(socket: "/s", isBare: true, verb: .status(services: [])))
    }

    @Test func anOptionGivenTwiceCountsTheLastTime() {
        #expect(parse("--socket /a status --socket /b")?.socket == "/b")
    }

    @Test(arguments: [
        (["stpo", "web"], "there is no verb 'stpo'; did you mean 'stop'?"),
        (["scale", "web=0"], "'scale' needs NAME=N, a service and a number from 1 to 1000, found 'web=0'"),
        (["scale", "web"], "'scale' needs NAME=N, a service and a number from 1 to 1000, found 'web'"),
        (["scale", "web", "3"], "'scale' takes no '3'; did you mean 'web=3'?"),
        (["scale", "web=2", "db=3"], "'scale' takes no 'db=3'"), (["scale", "web", "db"], "'scale' takes no 'db'"),
        (["signal", "web", "db", "HUP"], "no signal is named 'web'; did you mean 'signal HUP web db'?"),
        (["stop"], "'stop' needs NAME…, or --all for every service"), (["why"], "'why' needs NAME…"),
        (["signal"], "'signal' needs SIGNAL NAME…"),
        (["signal", "HUP"], "'signal SIGHUP' needs NAME…, or --all for every service"),
        (["restart", "web", "--all"], "'restart --all' is for every service, and takes no names"),
        (["analyze", "blam"], "'analyze' knows blame and critical-chain, found 'blam'; did you mean 'blame'?"),
        (["analyze", "blame", "web"], "'analyze blame' takes no 'web'"),
        (
            ["reload"],
            "'reload NAME' has a service reload itself; 'apply' reads the configuration of supd anew"
        ),
        (["apply", "web"], "'apply' takes no 'web'"), (["apply", "--expect="], "--expect needs a value, TOKEN"),
        (["plan", "--defer"], "'plan' takes no --defer"),
        (
            ["cat", "db", "--wait"],
            "'cat' takes no --wait: it is done when it is answered, and there is nothing to wait for"
        ),
        (["drain", "--no-wait"], "'drain' takes no --no-wait: it waits only with --wait"),
        (["resume", "--wait"], "'resume' takes no --wait: 'supctl wait NAME…' waits until services are up"),
        (["wait", "web", "--wait"], "'wait' takes no --wait"),
        (["tasks", "web"], "'tasks' takes no 'web'"), (["stop", "web", "--now"], "'stop' takes no --now"),
        (["stop", "--tiemout", "3s"], "there is no option '--tiemout'; did you mean '--timeout'?"),
        (["-H", "@x", "ping"], "--host must be HOST, USER@HOST or USER@HOST:PORT, found '@x'"),
        (["-H", "user@", "ping"], "--host must be HOST, USER@HOST or USER@HOST:PORT, found 'user@'"),
        (["-x"], "there is no option '-x'"), (["--socket"], "--socket needs a value, PATH"),
        (["--socket="], "--socket needs a value, PATH"), (["--json=yes"], "--json takes no value"),
        (["logs", "-f=1"], "-f takes no value"), (["logs", "-fx"], "there is no option '-x'"),
        (["logs", "-fn"], "-n needs a value, N"), (["status", "-o"], "-o needs a value, FIELD,…"),
        (["wait"], "'wait' needs NAME…"),
        (
            ["wait", "web", "--for", "redy"],
            "--for must be one of running, ready, stopped, healthy, exited, found 'redy'; did you mean 'ready'?"
        ),
        (["stop", ""], "'stop' was given an empty argument"),
        (["call", "lb.state", ""], "'call' was given an empty argument"),
        (["signal", "SIGTREM", "web"], "no signal is named 'SIGTREM'; did you mean 'SIGTERM'?"),
        (["drain", "--timeout", "3s"], "--timeout has a meaning only with --wait"),
        (["drain", "--now"], "'drain' takes no --now"), (["status", "--watch"], "'status' takes no --watch"),
        (["call"], "'call' needs METHOD [PARAMS-JSON]"), (["call", "a.b", "{}", "c"], "'call' takes no 'c'"),
        (["call", "plugin.lb"], "METHOD must be NAME.METHOD of a plugin, found 'plugin.lb'"),
        (["call", "lb.state", "[1]"], "PARAMS-JSON must be an object, found an array"),
        (["logs", "web", "-n", "0"], "--lines must be a number from 1 to 1000, found '0'"),
        (["logs", "web", "-n", "many"], "--lines must be a number from 1 to 1000, found 'many'"),
        (
            ["stop", "web", "--timeout", "soon"],
            "--timeout must be a duration up to a day (500ms, 30s, 2min) or 'infinity', found 'soon'"
        ),
    ])
    func wrongUseSaysWhatIsWrong(_ arguments: [String], message: String) {
        guard case .answer(.wrong(let error)) = Arguments.parse(arguments) else {
            Issue.record("\(arguments) was taken")
            return
        }
        #expect(error.message == message)
        let outcome = Arguments.Answer.wrong(error).outcome(.none)
        #expect(outcome.status == .wrongUse)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("supctl: \(message)\nTry 'supctl"))
    }

    /// The options that there are are in the help of the verb.
    @Test(arguments: [
        ("stop web --tiemout 3s", "stop"), ("--tiemout 3s stop web", "stop"), ("help stop --tiemout", "stop"),
        ("status -o", "status"), ("logs -f=1", "logs"), ("--jsno", nil), ("stpo --jsno", nil),
    ])
    func anOptionThatIsWrongPointsToTheVerbsOwnHelp(_ line: String, verb: String?) {
        guard case .answer(.wrong(let error)) = Arguments.parse(line.split(separator: " ").map(String.init)) else {
            Issue.record("\(line) was taken")
            return
        }
        #expect(error.verb == verb)
    }

    @Test(arguments: ["{", "{a:1}", "{} {}", ""]) func paramsThatAreNoJSONAreWrongUse(_ params: String) {
        guard case .wrong(let error) = answer("call", "lb.state", params) else {
            Issue.record("\(params) was taken")
            return
        }
        #expect(error.verb == "call")
        #expect(params.isEmpty || error.message.hasPrefix("PARAMS-JSON is no JSON: "), "\(error.message)")
    }

    @Test func helpIsGivenForAllAndForEachVerb() {
        #expect(answer("--help") == .help(verb: nil))
        #expect(answer("help") == .help(verb: nil))
        #expect(answer("stop", "-h") == .help(verb: "stop"))
        #expect(answer("help", "stop") == .help(verb: "stop"))
        #expect(answer("--version") == .version)
        let overview = HelpText.text(verb: nil)
        for verb in VerbSpecification.all {
            #expect(overview.contains("  \(verb.name) "))
            let help = HelpText.text(verb: verb.name)
            #expect(help.hasPrefix("Usage: supctl \(verb.name)"))
            for option in verb.options { #expect(help.contains(option.name)) }
        }
        #expect(overview.split(separator: "\n").allSatisfy { $0.count <= 110 })
    }

    @Test(arguments: [20, 40, 60, 80, 200]) func helpIsNotWiderThanTheTerminal(width: Int) {
        for verb in [nil] + VerbSpecification.all.map(\.name) {
            let help = HelpText.text(verb: verb, terminal: Terminal(width: width))
            for line in help.split(separator: "\n") { #expect(DisplayText.width(of: String(line)) <= width, "\(line)") }
            // Nothing is lost by that.
            let words = HelpText.text(verb: verb).split(whereSeparator: \.isWhitespace)
            if width >= 60 { #expect(help.split(whereSeparator: \.isWhitespace) == words) }
        }
    }

    @Test func everyOptionOfAVerbIsInTheTableOfAll() {
        for verb in VerbSpecification.all {
            for option in verb.options {
                #expect(OptionSpecification.all.contains { $0.name == option.name })
            }
        }
        let names = OptionSpecification.all.flatMap(\.names)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("1.5s", .milliseconds(1500)), ("2min", .seconds(120)),
        ("1min 30s", .seconds(90)), ("1h", .seconds(3600)), ("1d", .seconds(86_400)), ("7", .seconds(7)),
        ("0", .zero),
    ])
    func aDurationIsRead(_ text: String, expected: Duration) {
        #expect(WaitLimit(text)?.duration == expected)
    }

    @Test(arguments: ["", "s", "3x", "-1s", "1min30", "2d", "1e9", "nan", "inf", ".", "1..5s", "٣s", "99999999999999d"])
    func whatIsNoDurationIsRefused(_ text: String) {
        #expect(WaitLimit(text) == nil)
    }

    /// The daemon has the better answer to a time that is over; where it has none, who waits does not wait much longer.
    @Test(arguments: [
        ("stop web --timeout 1s", 2), ("signal HUP web --timeout 0", 1), ("reset-failed web", 11),
        ("restart web", 99), ("apply --timeout 10min", 610), ("wait web --timeout 3s", 3),
        ("drain --wait --timeout 5s", 6), ("status", 10),
    ])
    func aDaemonThatDoesNotAnswerIsNotWaitedForMuchLonger(_ line: String, seconds: Int) throws {
        let verb = try #require(parse(line)).verb
        #expect(verb.replyLimit(grace: .seconds(10)) == .seconds(seconds))
    }

    /// Of what is no order nobody says that it stands.
    @Test(arguments: [("plan", false), ("status", false), ("apply", true), ("resume", true), ("signal HUP web", true)])
    func whatChangesSomethingIsAnOrder(_ line: String, isOrder: Bool) throws {
        #expect(try #require(parse(line)).verb.isOrder == isOrder)
    }

    @Test func whoAsksToWaitWaits() throws {
        func waits(_ line: String) throws -> Bool? {
            switch try #require(parse(line)).verb {
            case .order(_, _, let wait, _): wait
            case .apply(let params): params.wait
            case .scale(let params): params.wait
            default: nil
            }
        }
        for line in ["start web", "apply", "scale web=2"] {
            #expect(try waits(line) == true)
            #expect(try waits("\(line) --wait") == true)
            #expect(try waits("\(line) --no-wait") == false)
            #expect(try waits("\(line) --no-wait --wait") == true)
        }
        #expect(answer("help", "help") == .help(verb: nil))
    }

    @Test func whatOthersCallAVerbIsKnown() {
        guard case .wrong(let list)? = answer("list"), case .wrong(let enable)? = answer("enable", "web") else {
            Issue.record("they are no verbs")
            return
        }
        #expect(list.message == "there is no verb 'list'; did you mean 'status'?")
        #expect(
            enable.message
                == "there is no verb 'enable'; what is started with supd has 'enabled = true' in its configuration, and 'supctl apply' has that read"
        )
        let verbs = Set(VerbSpecification.all.map(\.name))
        #expect(Set(VerbSpecification.elsewhere.values).isSubset(of: verbs))
        #expect(verbs.isDisjoint(with: VerbSpecification.elsewhere.keys))
    }
}
