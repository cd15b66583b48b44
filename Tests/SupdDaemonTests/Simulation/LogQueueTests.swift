import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// Queues of services' log sinks that come and go while the daemon runs.
@Suite struct LogQueueTests {
    private struct NoLines: LogSink {
        func write(_ entries: [LogEntry], _ context: PluginContext) async throws {}
    }

    private let simulation: Simulation
    private let queue: SinkQueue
    private let pattern: LogEntry

    init() throws {
        simulation = try Simulation([makeService("web")], seed: 620)
        let name = try #require(ServiceName("web"))
        queue = SinkQueue(PlannedLogSink(name: "remote", plugin: "p", sink: NoLines()), of: name)
        pattern = LogEntry(
            service: InstanceName(service: name, index: nil), pid: 1, attempt: 1, time: WallTime(nanoseconds: 0),
            bytes: [])
    }

    private func write(_ text: String) {
        Array(text.utf8).withUnsafeBytes {
            queue.add(LineRun(bytes: $0, ending: .newline, continuesLine: false), pattern, isKept: false)
        }
    }

    /// Adds the queue after a second and lets it go after another, each with lines; `check` looks before the end.
    private func run(_ check: @escaping () -> Void) throws -> Int32 {
        let (supervisor, queue) = (simulation.supervisor, queue)
        simulation.host.after(.seconds(1)) { _ in
            supervisor.plugins.sinks.add(queue)
            write("one\n")
        }
        simulation.host.after(.seconds(2)) { _ in
            write("two\n")
            supervisor.plugins.letGo(queue)
            supervisor.plugins.letGo(queue)
        }
        simulation.host.after(.seconds(14)) { _ in check() }
        // Turns of the loop.
        let client = simulation.host.connect()
        for half in 1...28 { simulation.order("restart", of: "web", at: 500 * half + 10, as: client) }
        simulation.host.after(.seconds(15)) { $0.send(.term) }
        return try simulation.run()
    }

    @Test func oneThatIsLetGoGivesWhatWaitsAndIsGone() throws {
        var given = 0
        simulation.host.onWork = { name, _ in if name == "remote" { given += 1 } }
        simulation.host.work = { _ in .ends(after: .seconds(2)) }
        let code = try run {
            #expect(queue.task == nil && queue.waiting == 0 && queue.droppedTotal == 0)
            #expect(simulation.supervisor.plugins.sinks.queues.isEmpty)
        }
        #expect(code == 0 && given == 2)
    }

    @Test func oneThatHangsIsGivenUpByNameAndCounted() throws {
        simulation.host.work = { _ in .hangs }
        let code = try run {
            #expect(queue.task == nil && queue.droppedTotal == 2)
            #expect(simulation.supervisor.plugins.sinks.queues.isEmpty)
        }
        #expect(code == 0)
        #expect(simulation.log.contains("abandoned cleanup 'log sink remote: web'"))
    }

    @Test func numbersAreNeverUsedAgain() throws {
        let supervisor = simulation.supervisor
        supervisor.plugins.sinks.add(queue)
        let first = queue.number
        supervisor.plugins.letGo(queue)
        #expect(supervisor.plugins.sinks[first] == nil)
        let name = try #require(ServiceName("web"))
        let next = SinkQueue(PlannedLogSink(name: "remote", plugin: "p", sink: NoLines()), of: name)
        supervisor.plugins.sinks.add(next)
        #expect(next.number != first && supervisor.plugins.sinks[next.number] === next)
        supervisor.plugins.letGo(queue)
        #expect(next.task != nil)
    }
}
