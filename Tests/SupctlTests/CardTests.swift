import FakeDaemon
import SupdPlugin
import SupdProtocol
import Synchronization
import Testing

@testable import supctl

/// The cards of `status NAME`.
@Suite struct CardTests {
    private static let running: ServiceWhy = {
        var site = status(instance("web", 1), .running, pid: 4711, reason: "started with supd")
        site.description = "public site"
        site.health = .known(.unhealthy)
        site.statusText = "3 clients"
        return ServiceWhy(
            status: site, cause: .boot,
            source: ServiceSource(file: "/etc/supd/supd.toml", line: 12, changed: true),
            probe: ProbeAnswer(name: "http", purpose: .health, problem: "connection refused", at: now),
            log: ServiceLog(
                name: "web@1", lines: [LogLine(time: now, stream: .stdout, text: "GET /\u{7}")],
                unfinished: [LogLine(time: now, stream: .stdout, text: "login: ")]))
    }()

    private static let tree: ServiceTree = {
        func process(_ pid: Int32, _ parent: Int32, _ command: String) -> TreeProcess {
            TreeProcess(
                pid: pid, parent: parent, command: command, state: "S", processorTime: .milliseconds(120),
                residentBytes: 5 << 20, age: .seconds(65))
        }
        return ServiceTree(
            name: "web@1", state: .running, pid: 4711, controlGroup: "/sys/fs/cgroup/supd/web@1",
            processes: [process(4711, 1, "/usr/bin/web --port 80"), process(4720, 4711, "worker")], more: 1)
    }()

    private func text(_ why: ServiceWhy, _ terminal: Terminal = .none) -> String {
        CardText.text([why], trees: [Self.tree], now: now, terminal: terminal)
    }

    @Test func aCardSaysAllThatIsKnown() {
        #expect(
            text(Self.running) == #"""
                ● web@1 - public site
                    Loaded: /etc/supd/supd.toml:12 (the file has changed since: see 'supctl plan')
                    Active: RUNNING (unhealthy) since 2024-02-28 23:58:55Z; 1min 5s ago
                    Reason: started with supd
                  Main PID: 4711 (/usr/bin/web --port 80)
                    Status: "3 clients"
                     Ready: yes
                    Health: unhealthy, http probe at 00:00:00Z: connection refused
                  Restarts: 3, by policy 'on-failure'
                     Tasks: at least 3
                    Memory: at least 10M
                       CPU: at least 0.24s
                    CGroup: /sys/fs/cgroup/supd/web@1
                 Processes: 4711 /usr/bin/web --port 80
                            4720   worker
                            … and 1 more

                  2024-02-29T00:00:00.000Z web@1 | GET /\u{7}
                  2024-02-29T00:00:00.000Z web@1 | login:  [unfinished]

                """#)
    }

    @Test func whatItUsesMayBeUnknown() {
        var tree = Self.tree
        tree.processes = nil
        let text = CardText.text([Self.running], trees: [tree], now: now, terminal: .none)
        #expect(
            text.contains(
                """
                  Restarts: 3, by policy 'on-failure'
                     Tasks: at least 1
                    Memory: unknown
                       CPU: unknown
                    CGroup: /sys/fs/cgroup/supd/web@1

                """), "\(text)")
        #expect(text.contains("  Main PID: 4711\n"), "\(text)")
    }

    @Test func whatDoesNotRunHasLess() {
        #expect(
            CardText.text([WhyTests.crashing], trees: [], now: now, terminal: Terminal(width: 70)) == #"""
                ↻ web
                    Loaded: no file
                    Active: BACKOFF since 2024-02-28 23:59:56Z; 4s ago; next start in
                            8s
                    Reason: exit code 1, last said "no", run again by its policy
                            'on-failure'
                  Restarts: 3, by policy 'on-failure'

                  2024-02-28T23:59:56.000Z web ! no\u{1B}[2J

                """#)
    }

    @Test func theDotHasTheColourOfTheState() {
        let coloured = text(Self.running, Terminal(width: 200, hasColour: true))
        #expect(coloured.hasPrefix("\u{1B}[33m●\u{1B}[0m web@1 - public site\n"))
        #expect(coloured.contains("Active: \u{1B}[33mRUNNING (unhealthy) since"))
        let uncoloured = coloured.replacing("\u{1B}[33m", with: "").replacing("\u{1B}[0m", with: "")
        #expect(uncoloured == text(Self.running))
    }

    @Test func aLongDescriptionGoesOnBelow() {
        var why = Self.running
        why.status.description = "the public site with its shop and its forum, which everybody sees"
        let card = text(why, Terminal(width: 40, hasColour: true))
        #expect(
            card.hasPrefix(
                "\u{1B}[33m●\u{1B}[0m web@1 - the public site with its shop\n  and its forum, which everybody sees\n"))
        #expect(text(why).hasPrefix("● web@1 - \(why.status.description)\n"))
    }

    @Test(arguments: 1...130) func coloursTakeNoRoom(_ width: Int) {
        let coloured = text(Self.running, Terminal(width: width, hasColour: true))
        let uncoloured = coloured.replacing("\u{1B}[33m", with: "").replacing("\u{1B}[0m", with: "")
        #expect(uncoloured == text(Self.running, Terminal(width: width)))
    }

    @Test(arguments: ServiceState.allCases) func everyStateHasADotThatIsSeenWithoutColour(_ state: ServiceState) {
        var why = Self.running
        why.status.state = .known(state)
        let dot = text(why).first
        switch state {
        case .running: #expect(dot == "●")
        case .starting, .stopping: #expect(dot == "◐")
        case .fatal: #expect(dot == "×")
        case .stopped, .exited: #expect(dot == "○")
        case .backoff: #expect(dot == "↻")
        }
    }

    @Test(arguments: 1...130) func noLineIsLongerThanTheTerminal(_ width: Int) {
        let terminal = Terminal(width: width)
        for line in text(Self.running, terminal).split(separator: "\n") {
            #expect(DisplayText.width(of: String(line)) <= width, "\(line)")
        }
    }

    // MARK: From the daemon

    private func start(_ count: Int) throws -> FakeDaemon {
        let services = (1...count).map { status(instance("web", $0), $0 == 1 ? .running : .backoff) }
        return try FakeDaemon.start { request, peer in
            /// What is asked for, where it is no more than is taken.
            func asked(_ params: some ServiceParams, _ limit: Int?) -> [ServiceStatus]? {
                let asked = services.filter { service in
                    params.selectors.contains { $0.matches(instance("web", service.instance)) }
                }
                guard let limit, asked.count > limit else { return asked }
                peer.reply(error: .tooMany(asked.count, atMost: limit), to: request)
                return nil
            }
            switch request.call {
            case .serviceStatus: peer.reply(ServiceList(services: services), to: request)
            case .serviceWhy(let params):
                let whys = asked(params, params.atMost)?.map {
                    ServiceWhy(status: $0, cause: .boot, log: ServiceLog(name: $0.name, lines: []))
                }
                if let whys { peer.reply(ServiceWhys(services: whys), to: request) }
            case .serviceTree(let params):
                if asked(params, params.atMost) != nil { peer.reply(ServiceTrees(services: []), to: request) }
            default: peer.reply(error: ProtocolError(.failed, "no"), to: request)
            }
        }
    }

    private func run(_ daemon: FakeDaemon, _ line: String, _ terminal: Terminal = .none) throws -> Outcome {
        var invocation = try #require(parse(line))
        invocation.socket = daemon.path
        return Session(terminal: terminal, lines: .unicode).run(invocation)
    }

    @Test func whatIsNamedIsShownAsCardsOfItsInstances() throws {
        let daemon = try start(2)
        let outcome = try run(daemon, "status web")
        #expect(outcome.output.hasPrefix("● web@1\n") && outcome.output.contains("\n\n↻ web@2\n"))
        #expect(outcome.status == .notRunning)
        #expect(daemon.requests.map(\.call) == Self.cards(["web"]))
        #expect(try run(daemon, "status web@*").output == outcome.output)
        #expect(daemon.requests.dropFirst(2).map(\.call) == Self.cards(["web@*"]))
    }

    /// What cards are made of. What has led to it is not shown, and not asked for.
    private static func cards(_ names: [String]) -> [Request.Call] {
        [
            .serviceWhy(WhyParams(services: names, changes: 0, atMost: CardText.mostCards)),
            .serviceTree(TreeParams(services: names, atMost: CardText.mostCards)),
        ]
    }

    /// Nobody looks at the processes and lines of all of them for it.
    @Test func ofManyTheTableSaysMore() throws {
        let names = (1...CardText.mostCards + 1).map { "web@\($0)" }
        for selectors in [["web"], ["web@*"], names] {
            let daemon = try start(CardText.mostCards + 1)
            let outcome = try run(daemon, "status \(selectors.joined(separator: " "))")
            #expect(outcome.output.hasPrefix("NAME ") && outcome.status == .notRunning && outcome.errors.isEmpty)
            #expect(
                daemon.requests.map(\.call)
                    == Self.cards(selectors) + [.serviceStatus(ServiceSelection(services: selectors))])
        }
        let daemon = try start(CardText.mostCards)
        #expect(try run(daemon, "status web").output.hasPrefix("● web@1\n"))
    }

    /// Both are asked in one go, and processes are looked at beside what the files say.
    @Test func theAnswersMayComeInEitherOrder() throws {
        let waiting = Mutex<Request?>(nil)
        let daemon = try FakeDaemon.start { request, peer in
            guard case .serviceTree = request.call else { return waiting.withLock { $0 = request } }
            peer.reply(ServiceTrees(services: []), to: request)
            guard let first = waiting.withLock({ $0 }) else { return }
            let web = status(instance("web"), .running)
            peer.reply(
                ServiceWhys(services: [ServiceWhy(status: web, cause: .boot, log: ServiceLog(name: "web", lines: []))]),
                to: first)
        }
        #expect(try run(daemon, "status web").output.hasPrefix("● web\n"))
    }

    /// Of two refusals the first is told, whichever comes first.
    @Test func theFirstRefusalIsTold() throws {
        let waiting = Mutex<Request?>(nil)
        let daemon = try FakeDaemon.start { request, peer in
            guard case .serviceTree = request.call else { return waiting.withLock { $0 = request } }
            peer.reply(error: ProtocolError(.failed, "the second"), to: request)
            guard let first = waiting.withLock({ $0 }) else { return }
            peer.reply(error: ProtocolError(.failed, "the first"), to: first)
        }
        let outcome = try run(daemon, "status web")
        #expect(outcome.errors.contains("the first") && !outcome.errors.contains("the second"), "\(outcome.errors)")
    }

    @Test func programsGetTheStatusAndNothingElse() throws {
        let daemon = try start(1)
        #expect(try run(daemon, "status web --json").output.hasPrefix(#"{"services":[{"name":"web@1","#))
        #expect(try run(daemon, "status web -o name,state").output == "web@1\tRUNNING\n")
        #expect(daemon.requests.allSatisfy { $0.call.method == .serviceStatus })
    }

    @Test func hintsFitTheTerminal() {
        let text = Hints.text(
            [status(instance(String(repeating: "n", count: 40)), .running)], terminal: Terminal(width: 60))
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { DisplayText.width(of: String($0)) <= 60 }, "\(text)")
        #expect(text.contains("\n  why it is as it is, and what would change it\n"), "\(text)")
    }

    /// They are about the daemon that was asked.
    @Test func hintsNameTheDaemonThatWasAsked() {
        func hint(_ invocation: Invocation) -> String {
            let text = Hints.text(
                [status(instance("web"), .running)], command: invocation.command, terminal: .none)
            return String(text.split(separator: "\n")[0].prefix(while: { $0 != "w" })) + "web"
        }
        #expect(hint(Invocation(verb: .info)) == "supctl status web")
        #expect(hint(Invocation(socket: "/s", verb: .info)) == "supctl --socket /s status web")
        #expect(hint(Invocation(hosts: ["b"], verb: .info)) == "supctl -H b status web")
    }

    @Test func aloneItGivesThreeHintsToWhoeverLooks() throws {
        let daemon = try start(2)
        let seen = try run(daemon, "", Terminal(width: 120, isSeen: true)).output
        let supctl = "supctl --socket \(daemon.path)"
        #expect(
            seen.hasSuffix(
                """

                \(supctl) status web@2    all that is known of it
                \(supctl) why web@2       why it is as it is, and what would change it
                \(supctl) logs -f web@2   what it writes
                All commands: supctl --help

                """), "\(seen)")
        let table = try run(daemon, "", Terminal(width: 120)).output
        #expect(seen.hasPrefix(table) && !table.contains("supctl "))
        #expect(try run(daemon, "status", Terminal(width: 120, isSeen: true)).output == table)
        #expect(try run(daemon, "--json", Terminal(width: 80, isSeen: true)).output.hasSuffix("]}\n"))
    }
}
