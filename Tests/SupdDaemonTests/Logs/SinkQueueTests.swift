import SupdConfiguration
import SupdEngine
import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct SinkQueueTests {
    private struct NoLines: LogSink {
        func write(_ entries: [LogEntry], _ context: PluginContext) async throws {}
    }

    private let queue: SinkQueue
    private let pattern: LogEntry

    init() throws {
        let name = try #require(ServiceName("web"))
        queue = SinkQueue(PlannedLogSink(name: "remote", plugin: "p", sink: NoLines()), of: name)
        var registry = TaskRegistry()
        queue.task = try registry.register("sink", kind: .cleanup, phase: .flush, now: MonotonicInstant(nanoseconds: 0))
        pattern = LogEntry(
            service: InstanceName(service: name, index: nil), pid: 1, attempt: 1, time: WallTime(nanoseconds: 0),
            bytes: [])
    }

    private func add(_ text: String, ending: LineRun.Ending = .newline, isKept: Bool = false) {
        Array(text.utf8).withUnsafeBytes {
            queue.add(LineRun(bytes: $0, ending: ending, continuesLine: false), pattern, isKept: isKept)
        }
    }

    @Test func whatWaitsIsBoundedInBytesAndTheRestIsCounted() {
        let line = String(repeating: "x", count: 1_000 - SinkQueue.lineCost) + "\n"
        add(String(repeating: line, count: 1_000))
        #expect(queue.waiting == SinkQueue.byteLimit / 1_000)
        #expect(queue.dropped == 1_000 - queue.waiting && queue.droppedTotal == queue.dropped)
        _ = queue.take()
        #expect(queue.waiting == 0)
        add("again\n")
        #expect(queue.waiting == 1)
    }

    @Test func whoWaitsForItLosesNothing() {
        add(String(repeating: "0123456789\n", count: 10_000), isKept: true)
        #expect(queue.waiting == 10_000 && queue.dropped == 0)
        #expect(queue.flow.holdsUp)
        _ = queue.take()
        #expect(!queue.flow.holdsUp)
    }

    @Test func manyEmptyLinesAreBoundedToo() {
        add(String(repeating: "\n", count: 100_000))
        #expect(queue.waiting == SinkQueue.byteLimit / SinkQueue.lineCost)
    }

    @Test func whatASinkFailsToTakeIsLostAndCounted() {
        add("a\nb\n")
        _ = queue.take()
        add("c\n")
        queue.finished(error: "no room")
        #expect(queue.dropped == 2 && queue.waiting == 1)
        _ = queue.take()
        queue.finished(error: nil)
        #expect(queue.droppedTotal == 2)
    }

    @Test func whatIsWithTheSinkIsCountedAlsoWhereTheRestIsForgottenMeanwhile() {
        add("a\nb\n")
        _ = queue.take()
        add("c\n")
        queue.clear()
        #expect(queue.dropped == 1 && queue.waiting == 0)
        queue.finished(error: "cancelled")
        #expect(queue.dropped == 3)
    }

    @Test func aQueueWhoseTaskIsOverTakesNothingMore() {
        queue.task = nil
        add("a\nb\n")
        #expect(queue.waiting == 0 && queue.dropped == 2)
    }
}
