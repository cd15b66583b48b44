import GoldenFiles
import SupdConnection
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

/// What people read of supctl, whole: each file of `Golden` is a transcript, a command and below it what is printed.
@Suite struct SupctlGoldenTests {
    private let files = GoldenFiles()

    private func expect(
        _ name: String, _ parts: [(command: String, text: String)], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let text = parts.map { "$ \($0.command)\n\($0.text)" }.joined(separator: "\n")
        let difference = try files.difference("\(name).txt", text)
        #expect(difference == nil, "\(difference ?? "")", sourceLocation: sourceLocation)
    }

    private func words(_ line: String) -> [String] {
        line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func help() throws {
        let overview = ("supctl help", HelpText.text(verb: nil))
        let verbs = VerbSpecification.all.map { ("supctl help \($0.name)", HelpText.text(verb: $0.name)) }
        try expect("help", [overview] + verbs)
    }

    @Test func errors() throws {
        let lines = [
            "statsu", "web restart", "status --jsno", "status --no-wait",
            "why db --wait", "stop", "stop --all web",
            "stop web --timeout soon",
            "stop --timeout",
            "reload", "why", "ping web", "scale web", "scale web=many", "signal SIGNONE web", "signal HUP", "logs -n 0",
            "logs --since yesterday", "logs --grep (", "logs --journal -H web1", "events --kind stat", "events -n 0",
            "events --since x", "scale web=2 db=3", "logs -fn",
            "wait web --for redy", "status -o nmae", "status -o name --json", "top --json", "help --json",
            "--json status --help", "--version --json", "call lb",
            "call lb.state nojson",
            "call lb.state []", "analyze blaem", "drain --timeout 3s", "-H -x status", "-H a,b top", "help statsu",
        ]
        try expect(
            "errors",
            lines.map { line in
                guard case .answer(let answer) = Arguments.parse(words(line)) else {
                    return ("supctl \(line)", "no error\n")
                }
                let outcome = answer.outcome(.none)
                return ("supctl \(line)", "\(outcome.output)\(outcome.errors)(exits with \(outcome.status.rawValue))\n")
            })
    }

    /// What the daemon, or its place, has against it.
    @Test func refusals() throws {
        let place = SocketLocation(path: "/run/user/1000/supd/control.sock", source: .option)
        let denied = ProtocolError.notPermitted(Denial("service.start", of: "web", needs: .operate))
        let errors: [(String, ClientError)] = [
            ("nobody is there", .noDaemon(path: place.path, ErrorNumber(2))),
            ("the folder is closed", .noAccess(path: place.path, ErrorNumber(13))),
            ("nobody takes the connection", .notTaken(path: place.path, after: .seconds(5))),
            ("no answer", .timedOut(after: .seconds(10))), ("the connection ends", .closed),
            ("an unknown name", .refused(.noSuchService(ServiceSelector("wbe"), suggestion: "web"))),
            ("an unknown tag", .refused(.noSuchService(ServiceSelector("tag:frnt"), suggestion: "tag:front"))),
            ("no tag", .refused(.noSuchService(ServiceSelector("tag:"), suggestion: nil))),
            ("a glob that fits nothing", .refused(.noSuchService(ServiceSelector("w*"), suggestion: nil))),
            ("a state that there is not", .refused(.noSuchService(ServiceSelector("state:faatl"), suggestion: nil))),
            ("'all'", .refused(.noSuchService(ServiceSelector("all"), suggestion: nil))),
            ("not allowed", .refused(denied)), ("another plan", .refused(.planChanged(token: "3f2a"))),
            (
                "faults",
                .refused(
                    .invalidConfiguration([
                        .init(file: "/etc/supd/supd.toml", line: 3, column: 7, message: "unknown key 'exec_strat'")
                    ]))
            ),
        ]
        try expect(
            "refusals",
            errors.map { name, error in
                let outcome = Session.outcome(of: error, place: place)
                return (name, "\(outcome.errors)(exits with \(outcome.status.rawValue))\n")
            })
    }

    private static let services: [ServiceStatus] = {
        var web = status(instance("web", 1), .running, pid: 4711, reason: "started with supd")
        web.description = "public site"
        var unhealthy = status(instance("web", 2), .running, pid: 4712, reason: "started with supd")
        unhealthy.health = .known(.unhealthy)
        var waiting = status(
            instance("db"), .backoff, ready: false, lastExit: exit(code: 1),
            reason: "exit code 1, last said \"no space left on device\", run again by its policy 'on-failure'")
        waiting.nextStartAt = WhyTests.ago(.seconds(-8))
        return [
            web, unhealthy,
            status(instance("cache"), .starting, ready: false, pid: 4720, reason: "waits for its readiness"),
            waiting,
            status(
                instance("mail"), .stopping, ready: false, pid: 9, reason: "stopped by order of uid 0, pid 7 (supctl)"),
            status(instance("job"), .exited, lastExit: exit(code: 0), reason: "exit code 0", type: .oneshot),
            status(instance("import"), .exited, ready: false, lastExit: exit(code: 3), reason: "exit code 3"),
            status(instance("old"), .fatal, ready: false, reason: "could not start: exec of /opt/old: ENOENT"),
            status(instance("off"), .stopped, ready: false, desired: .down, reason: "not enabled"),
            status(
                instance("a-service-whose-name-is-as-long-as-a-name-can-be-and-that-is-63"), .running, pid: 1,
                reason: "started"),
        ]
    }()

    @Test func tables() throws {
        let widths: [Int?] = [nil, 120, 80, 40, 32]
        let tables = widths.map { width in
            (
                "supctl status  # \(width.map { "\($0) cells" } ?? "in a pipe")",
                StatusTable.text(Self.services, now: now, terminal: Terminal(width: width))
            )
        }
        let one = ("supctl start db", StatusTable.text([Self.services[3]], now: now, terminal: Terminal(width: 60)))
        let coloured = (
            "supctl status  # in colour",
            StatusTable.text(Self.services, now: now, terminal: Terminal(width: 80, hasColour: true))
                .replacing("\u{1B}", with: "␛")
        )
        let rows: [StatusTable.HostRow] = [
            .init(host: "web1", content: .success(Self.services[0])),
            .init(host: "web2", content: .failure(LinkFailure(status: .noDaemon, message: "ssh: no route"))),
        ]
        let hosts = (
            "supctl -H web1,web2 status", StatusTable.text(ofHosts: rows, now: now, terminal: Terminal(width: 80))
        )
        let hints = ("supctl", Hints.text(Self.services, terminal: .none))
        try expect("tables", tables + [one, coloured, hosts, hints])
    }

    @Test func cards() throws {
        let cards = Self.services.map { service in
            let why = ServiceWhy(
                status: service, cause: .boot,
                source: ServiceSource(file: "/etc/supd/supd.toml", line: 12, changed: false),
                log: ServiceLog(
                    name: service.name, lines: [LogLine(time: now, stream: .stderr, text: "up")],
                    unfinished: [LogLine(time: now, stream: .stdout, text: "login: ")]))
            return (
                "supctl status \(service.name)",
                CardText.text([why], trees: [], now: now, terminal: Terminal(width: 80))
            )
        }
        let why = ("supctl why web", WhyText.text([WhyTests.crashing], now: now, terminal: Terminal(width: 80)))
        try expect("cards", cards + [why])
    }

    @Test func completions() throws {
        let lines = [
            "", "st", "status ", "status t", "status state:", "stop web@1 ", "scale ", "signal SIGUS", "logs --",
            "logs -n ", "events --kind ",
            "wait --for ", "call ", "tree -o ", "--socket ", "-H ", "help st", "nonsense ", "stop --nonsense ",
        ]
        var proxy = status(instance("proxy"), .running)
        proxy.tags = ["front"]
        let plugin = PluginStatus(
            name: "lb", version: "1", summary: "Balances.", brings: ["method plugin.lb.state"], options: [])
        let live = LiveNames(
            [status(instance("web", 1), .running), status(instance("web", 2), .fatal), proxy],
            PluginList(plugins: [plugin]))
        try expect(
            "completions",
            lines.map { line in
                let candidates = Completion(live: { _, _ in live }).candidates(words(line))
                return (
                    "supctl \(line)⇥",
                    candidates.map { $0.help.isEmpty ? "\($0.word)\n" : "\($0.word)\t\($0.help)\n" }.joined()
                )
            })
    }
}
