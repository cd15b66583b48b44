import FakeDaemon
import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct TreeTextTests {
    private func process(_ pid: Int32, _ parent: Int32, _ command: String, state: String = "S") -> TreeProcess {
        TreeProcess(
            pid: pid, parent: parent, command: command, state: state, processorTime: .milliseconds(Int64(pid) * 10),
            residentBytes: Int(pid) * 100_000, age: .milliseconds(65_400))
    }

    private var trees: [ServiceTree] {
        [
            ServiceTree(
                name: "web", state: .running, pid: 12, controlGroup: "/sys/fs/cgroup/supd/web",
                processes: [
                    process(12, 1, "web --workers 2 --listen 0.0.0.0:8080"), process(15, 12, "worker 1"),
                    process(19, 12, "worker 2", state: "D"), process(20, 15, "convert"), process(700, 1, "left\nover"),
                ]), ServiceTree(name: "db", state: .stopped, pid: nil, processes: []),
        ]
    }

    private func lines(_ width: Int?) -> [String] {
        TreeText.text(trees, terminal: Terminal(width: width)).split(separator: "\n").map(String.init)
    }

    @Test func childrenStandBelowTheirParents() {
        #expect(
            lines(nil) == [
                "web RUNNING, 5 processes, CPU 7.66s, 73M, /sys/fs/cgroup/supd/web",
                "PID    CPU  MEMORY      AGE  COMMAND",
                " 12  0.12s    1.1M  1min 5s  web --workers 2 --listen 0.0.0.0:8080",
                " 15  0.15s    1.4M  1min 5s    worker 1",
                " 20  0.20s    1.9M  1min 5s      convert",
                " 19  0.19s    1.8M  1min 5s    worker 2 (uninterruptible)",
                "700  7.00s     66M  1min 5s  left\\nover",
                "db STOPPED, 0 processes, CPU 0.00s, 0B",
            ])
    }

    @Test func aNarrowTerminalCutsTheCommands() {
        #expect(lines(40).allSatisfy { $0.count <= 40 })
        // How old they are says less.
        #expect(lines(40)[2] == " 12  0.12s    1.1M  web --workers 2 --l…")
        #expect(lines(60)[2] == " 12  0.12s    1.1M  1min 5s  web --workers 2 --listen 0.0.0…")
    }

    /// Of some of the processes it is not said as of all.
    @Test func whatIsOfSomeIsSaidToBe() {
        let tree = ServiceTree(
            name: "web", state: .running, pid: 12, processes: [process(12, 1, "a"), process(13, 12, "b")], more: 7)
        let text = TreeText.text([tree], terminal: .none)
        #expect(text.hasPrefix("web RUNNING, at least 9 processes, CPU at least 0.25s, at least 2.3M\n"), "\(text)")
        #expect(text.hasSuffix("… and 7 more\n"))
    }

    /// No zeros of what could not be looked at.
    @Test func whatIsUnknownIsSaidToBe() {
        let unknown = [1, 3, 0].map {
            ServiceTree(name: "web@\($0)", state: .running, pid: 12, processes: nil, more: $0)
        }
        #expect(
            TreeText.text(unknown, terminal: .none) == """
                web@1 RUNNING, at least 1 process, CPU and memory unknown

                web@3 RUNNING, at least 3 processes, CPU and memory unknown

                web@0 RUNNING, processes, CPU and memory unknown

                """)
    }

    /// One answer has room for some of the processes; what can never be looked at is not asked for for ever.
    @Test func whatAnAnswerHasNoRoomForIsAskedForAnew() throws {
        let names = ["a", "b", "c", "blind"]
        let daemon = try FakeDaemon.start { request, peer in
            guard case .serviceTree(let params) = request.call else { return }
            let asked = params.services.isEmpty ? names : params.services
            let trees = asked.map { name in
                let isKnown = name == asked.first { $0 != "blind" }
                return ServiceTree(
                    name: name, state: .running, pid: 12, processes: isKnown ? [process(12, 1, name)] : nil,
                    more: isKnown ? 0 : 1)
            }
            peer.reply(ServiceTrees(services: trees), to: request)
        }
        var invocation = try #require(parse("tree"))
        invocation.socket = daemon.path
        let output = Session(terminal: .none).run(invocation).output
        #expect(output.split(separator: "\n").count { $0.hasSuffix("RUNNING, 1 process, CPU 0.12s, 1.1M") } == 3)
        #expect(output.hasSuffix("\nblind RUNNING, at least 1 process, CPU and memory unknown\n"), "\(output)")
        #expect(
            daemon.requests.map(\.call)
                == [[], ["b", "c", "blind"], ["c", "blind"], ["blind"]].map { .serviceTree(TreeParams(services: $0)) })
    }

    @Test func aLoopOfParentsIsNoEndlessOne() {
        let loop = [process(2, 3, "a"), process(3, 2, "b"), process(4, 4, "c")]
        #expect(TreeText.inOrder(loop).map(\.process.pid) == [4])
    }

    /// What cannot be seen is not drawn as if it were down.
    @Test func whatIsNotYoursToSeeHasAMarkOfItsOwn() {
        let web = RelatedService(
            name: "web", isAsked: true, states: [.running: 1],
            needs: [ServiceRelation(.requires, "db"), ServiceRelation(.wants, "cache")])
        let text = DependencyText.text(
            [web, RelatedService(name: "cache", states: [.stopped: 1])], isReversed: false, terminal: .none,
            lines: .ascii)
        #expect(
            text == """
                * web RUNNING
                |-? db (not yours to see) (requires)
                `-o cache STOPPED (wants)

                """)
    }

    /// A terminal that breaks lines would break the tree.
    @Test(arguments: [true, false]) func aTreeIsCutToTheWidth(hasColour: Bool) {
        let web = RelatedService(
            name: "web", isAsked: true, states: [.running: 1], needs: [ServiceRelation(.requires, "a-long-name")])
        let text = DependencyText.text(
            [web, RelatedService(name: "a-long-name", states: [.fatal: 1])], isReversed: false,
            terminal: Terminal(width: 14, hasColour: hasColour), lines: .ascii)
        func painted(_ dot: String, _ colour: Colour) -> String { hasColour ? colour.paint(dot) : dot }
        #expect(text == "\(painted("*", .green)) web RUNNING\n`-\(painted("x", .red)) a-long-na…\n")
    }

    /// As in the card of each.
    @Test func whatHasFailedIsMarked() {
        var job = RelatedService(name: "job", isAsked: true, states: [.exited: 1])
        var batch = RelatedService(name: "batch", isAsked: true, states: [.exited: 2, .fatal: 1])
        (job.failed, batch.failed) = (1, 1)
        let text = DependencyText.text([job, batch], isReversed: false, terminal: .none, lines: .ascii)
        #expect(text == "x job EXITED (failed)\nx batch 2 EXITED (1 failed), 1 FATAL\n")
    }
}
