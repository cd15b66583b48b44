import FakeDaemon
import SupdPlugin
import SupdProtocol
import Synchronization
import Testing

@testable import supctl

/// Answers that come one after the other.
private final class Script<Element: Sendable>: Sendable {
    private let rest: Mutex<[Element]>

    init(_ elements: [Element]) { rest = Mutex(elements) }

    func next() -> Element? { rest.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}

/// Who waits for the report.
private final class Waiting: Sendable {
    private let waiting = Mutex<(request: Request, peer: Peer)?>(nil)

    func set(_ request: Request, _ peer: Peer) { waiting.withLock { $0 = (request, peer) } }

    func reply(_ report: DrainReport) { waiting.withLock { $0.map { $0.peer.reply(report, to: $0.request) } } }
}

@Suite struct WatchTests {
    private static func task(
        _ name: String, _ kind: TaskStatus.Kind = .service, _ phase: TaskStatus.Phase = .services, age: Int = 1,
        left: Duration? = nil
    ) -> TaskStatus {
        TaskStatus(
            name: name, kind: kind, phase: phase, state: .running, age: .seconds(age), deadline: left,
            registeredAt: "A.swift:1")
    }

    private static func supervisor(_ services: [ServiceState: Int], _ drain: DrainStatus?) -> SupervisorStatus {
        SupervisorStatus(
            state: .draining, pid: 1, version: "1", since: now, uptime: .seconds(1), status: "", residentBytes: nil,
            proportionalBytes: nil, services: services, drain: drain, tasks: 1, connections: 2, config: nil,
            socket: "/s", processTracking: .controlGroups("/sys/fs/cgroup/supd"))
    }

    private func run(_ daemon: FakeDaemon, _ line: String, _ written: Written, _ terminal: Terminal) throws -> Outcome {
        var invocation = try #require(parse(line))
        invocation.socket = daemon.path
        return Session(
            terminal: .none, output: written.screen(terminal), errors: written.screen(terminal),
            interval: .milliseconds(1)
        ).run(invocation)
    }

    private func watched(_ line: String, _ lists: [TaskList], _ terminal: Terminal) throws -> (Outcome, [String]) {
        let script = Script(lists)
        let daemon = try FakeDaemon.start { request, peer in
            guard let list = script.next() else { return peer.hangUp() }
            peer.reply(list, to: request)
        }
        let written = Written()
        let outcome = try run(daemon, line, written, terminal)
        return (outcome, written.all)
    }

    private static let lists = [
        TaskList(registry: .open, tasks: [task("service web"), task("logs", .cleanup, .flush)]),
        TaskList(registry: .open, tasks: [task("service web", age: 2), task("logs", .cleanup, .flush, age: 2)]),
        TaskList(registry: .draining, tasks: [task("service web", age: 3, left: .seconds(9))]),
        TaskList(registry: .draining, tasks: [task("service web", age: 3, left: .seconds(8))]),
        TaskList(registry: .draining, tasks: []),
    ]

    @Test func inAPipeTheTableComesAgainOnlyWhenSomethingChanged() throws {
        let (outcome, written) = try watched("tasks --watch", Self.lists, .none)
        #expect(outcome == Outcome())
        #expect(written.count == 3, "\(written)")
        #expect(written.first?.hasPrefix("TASK ") == true)
        #expect(written.dropFirst().allSatisfy { $0.hasPrefix("\nTASK ") })
        #expect(!written.joined().contains("\u{1B}"))
        #expect(written.last?.hasSuffix("\nregistry draining, 0 tasks\n") == true)
    }

    /// Where the ages do not fit, their change is none.
    @Test(arguments: [(24, 3), (80, 5)])
    func onATerminalTheTableIsWrittenOverAndFits(_ width: Int, frames: Int) throws {
        let terminal = Terminal(width: width, height: 20, canRedraw: true)
        let (outcome, written) = try watched("tasks --watch", Self.lists, terminal)
        #expect(outcome == Outcome())
        #expect(written.count == frames, "\(written)")
        #expect(written.dropFirst().allSatisfy { $0.hasPrefix("\r\u{1B}[") })
        for piece in written {
            let lines = piece.replacing("\u{1B}[K", with: "").split(separator: "\n").dropFirst()
            #expect(
                lines.allSatisfy { $0.hasPrefix("\u{1B}") || DisplayText.width(of: String($0)) < width }, "\(lines)")
        }
    }

    @Test func asJSONEachChangeIsALine() throws {
        let (outcome, written) = try watched("tasks --watch --json", Self.lists, .none)
        #expect(outcome == Outcome())
        #expect(written.count == 3)
        #expect(written.allSatisfy { $0.hasPrefix(#"{"registry":"#) && $0.hasSuffix("}\n") })
    }

    @Test func aDaemonThatNeverAnsweredIsLost() throws {
        let (outcome, written) = try watched("tasks --watch", [], .none)
        #expect(outcome == .connectionLost)
        #expect(written.isEmpty)
    }

    private func drained(
        _ line: String, _ terminal: Terminal
    ) throws -> (outcome: Outcome, written: [String], looks: Int, lists: Int) {
        let waiting = Waiting()
        func step(_ phase: TaskStatus.Phase, left: Duration, _ tasks: [TaskStatus]) -> (DrainStatus, TaskList) {
            let drain = DrainStatus(cause: "SIGTERM", phase: phase, phaseLeft: left, left: .seconds(50))
            return (drain, TaskList(registry: .draining, tasks: tasks))
        }
        let script = Script([
            step(.jobs, left: .milliseconds(1500), [Self.task("job sweep", .job, .jobs), Self.task("service a")]),
            step(.services, left: .seconds(20), ["a", "b", "c", "d"].map { Self.task("service \($0)") }),
            step(.services, left: .seconds(19), [Self.task("service d")]),
            step(.flush, left: .seconds(3), [Self.task("control uid 0", .service, .flush)]),
        ])
        let list = Mutex<TaskList?>(nil)
        let daemon = try FakeDaemon.start { request, peer in
            switch request.call {
            case .supervisorStatus:
                if let next = script.next() {
                    list.withLock { $0 = next.1 }
                    return peer.reply(Self.supervisor([.stopping: 1, .stopped: 7], next.0), to: request)
                }
                peer.hangUp()
                let report = DrainReport(
                    cause: "SIGTERM", startedAt: now, duration: .seconds(1), exitCode: 0, phases: [])
                waiting.reply(report)
            case .tasksList:
                if let list = list.withLock({ $0 }) { peer.reply(list, to: request) }
            default: waiting.set(request, peer)
            }
        }
        let written = Written()
        let outcome = try run(daemon, line, written, terminal)
        let asked = daemon.requests.map(\.call)
        return (outcome, written.all, asked.count { $0 == .supervisorStatus }, asked.count { $0 == .tasksList })
    }

    @Test(arguments: ["shutdown --wait", "drain --wait --timeout 1min"])
    func inAPipeADrainSaysEachPhaseOnce(_ line: String) throws {
        let (outcome, written, looks, lists) = try drained(line, .none)
        #expect(outcome.status == .done)
        #expect(outcome.output.hasPrefix("drained in 1s: SIGTERM; exit code 0\n"))
        #expect(
            written == [
                "phase jobs: 1 service up, waiting for job sweep, 2s left\n",
                "phase services: 1 service up, waiting for service a, service b, service c and 1 more, 20s left\n",
                "phase flush: 1 service up, 3s left\n",
            ])
        // What is not told again is not asked for.
        #expect(looks == 5 && lists == 3)
    }

    @Test func onATerminalOneLineFollowsTheDrainAndIsTakenAway() throws {
        let (outcome, written, _, lists) = try drained(
            "shutdown --wait", Terminal(width: 40, height: 20, canRedraw: true))
        #expect(outcome.status == .done)
        #expect(written.count == 5 && lists == 4, "\(written)")
        #expect(written.first == "phase jobs: 1 service up, waiting for …\u{1B}[K\n\u{1B}[J")
        #expect(written.dropFirst().allSatisfy { $0.hasPrefix("\r\u{1B}[1A") })
        #expect(written.last == "\r\u{1B}[1A\u{1B}[J")
    }

    @Test func aSilentDaemonIsTimedOutWhateverIsLookedAtMeanwhile() throws {
        let daemon = try FakeDaemon.start { _, _ in }
        var invocation = try #require(parse("drain --wait --timeout 10ms"))
        invocation.socket = daemon.path
        let session = Session(terminal: .none, grace: .milliseconds(20), interval: .milliseconds(50))
        #expect(session.run(invocation).status == .timedOut)
    }
}
