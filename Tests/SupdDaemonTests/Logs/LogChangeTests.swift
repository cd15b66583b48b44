import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

/// A log that is changed under what writes to it: no line is lost, none doubled, and each destination has its own in order.
@Suite struct LogChangeTests {
    private let logs = LogChangeBench()
    private var host: FakeHost { logs.host }

    private struct NoLines: LogSink {
        func write(_ entries: [LogEntry], _ context: PluginContext) async throws {}
    }

    private func makeQueue() throws -> SinkQueue {
        let queue = SinkQueue(
            PlannedLogSink(name: "remote", plugin: "p", sink: NoLines()), of: logs.bench.instance.service)
        var registry = TaskRegistry()
        queue.task = try registry.register("sink", kind: .cleanup, phase: .flush, now: MonotonicInstant(nanoseconds: 0))
        return queue
    }

    // MARK: Sinks

    @Test func fromAFileToAnother() {
        logs.start(logs.file("/log/a"))
        logs.flood()
        logs.change(logs.file("/log/b"))
        #expect(host.logFiles.map(\.isOpen) == [false])
        logs.flood()
        logs.settle()
        logs.expectWhole(logs.numbers(ofFile: "/log/a"), logs.numbers(ofFile: "/log/b"))
        #expect(logs.dropped == 0)
    }

    @Test func aServiceThatAHangingFileHoldsUpGoesOnByTheNextOne() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(60_000)
        #expect(!logs.isWatched)
        logs.change(logs.sink(.stderr))
        #expect(logs.isWatched)
        logs.readOn()
        #expect(host.pipes[logs.pipe]?.bytes.isEmpty == true)
        #expect(!logs.logs.isSettled)
        host.letFilesGo()
        logs.settle()
        logs.expectWhole(logs.numbers(ofFile: "/log/a"), logs.numbersOfStandardError)
        #expect(host.logFiles.map(\.isOpen) == [false])
    }

    @Test func fromStandardErrorThatIsFullToAFile() {
        host.standardErrorRoom = 0
        logs.start(logs.sink(.stderr))
        logs.flood(100_000)
        #expect(!logs.isWatched)
        logs.change(logs.file("/log/a"))
        #expect(logs.isWatched)
        logs.flood()
        logs.settle()
        logs.expectWhole(logs.numbersOfStandardError, logs.numbers(ofFile: "/log/a"))
    }

    @Test func fromTheJournalThatIsFullToAFileAndBack() {
        host.journalRoom = 100
        logs.start(logs.sink(.journal))
        logs.flood()
        #expect(!logs.isWatched)
        logs.change(logs.file("/log/a"))
        #expect(logs.isWatched)
        logs.flood()
        logs.change(logs.sink(.journal))
        logs.flood()
        logs.settle()
        let entries = logs.numbersOfJournal
        let file = logs.numbers(ofFile: "/log/a")
        let split = entries.firstIndex { $0 > file.last ?? 0 } ?? entries.count
        logs.expectWhole(Array(entries[..<split]), file, Array(entries[split...]))
    }

    @Test func fromAPluginsQueueThatIsFullToAFileAndToAnotherQueue() throws {
        let (first, second) = (try makeQueue(), try makeQueue())
        logs.start(LogConfiguration(), queue: first)
        logs.flood()
        #expect(!logs.isWatched)
        logs.change(logs.file("/log/a"))
        #expect(logs.isWatched)
        logs.readOn()
        logs.change(LogConfiguration(), queue: second)
        logs.flood(100)
        logs.settle()
        #expect(first.waiting + logs.numbers(ofFile: "/log/a").count + second.waiting == logs.next)
        #expect(logs.numbers(ofFile: "/log/a") == Array(first.waiting..<logs.next - second.waiting))
        #expect(second.waiting == 101 && logs.dropped == 0)
    }

    @Test func whatTheSinksBeforeHaveDroppedIsCountedOn() throws {
        let queue = try makeQueue()
        queue.task = nil
        logs.start(LogConfiguration(), queue: queue)
        logs.flood(9)
        #expect(logs.dropped == 10)
        host.logFileTrouble = LogFileTrouble(ErrorNumber(ENOSPC))
        logs.change(logs.file("/log/a"))
        logs.flood(4)
        #expect(logs.dropped == 15)
        logs.change(LogConfiguration(), queue: queue)
        #expect(logs.dropped == 15)
        logs.flood(0)
        logs.change(logs.sink(.stderr))
        #expect(logs.dropped == 16)
    }

    @Test func backToAFileThatHasNotTakenAllKeepsItsOrder() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood()
        let first = logs.next
        logs.change(logs.file("/log/b"))
        logs.change(logs.file("/log/a"))
        logs.flood()
        host.letFilesGo()
        logs.settle()
        #expect(logs.numbers(ofFile: "/log/a") == Array(0..<logs.next) && first < logs.next)
        #expect(host.logFiles.count == 1 && host.logFiles[0].isOpen)
    }

    @Test func nobodyIsToldToWaitForAFileThatWasLeft() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(60_000)
        logs.change(logs.sink(.stderr))
        for _ in 0..<30 { logs.logs.router.stalls.look() }
        #expect(!host.standardErrorText.contains("takes nothing"))
        #expect(host.standardErrorText.isEmpty == false)
    }

    @Test func whatALeftFileDoesNotTakeInADrainIsCountedAndTold() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(100)
        logs.change(logs.sink(.stderr))
        #expect(!logs.logs.isSettled)
        logs.logs.giveUp()
        #expect(logs.logs.isSettled && logs.dropped == 101)
        #expect(host.standardErrorText.contains("101 lines were lost"))
        host.letFilesGo()
        #expect(host.logFiles.map(\.isOpen) == [false])
    }

    @Test func toNowhereIsLeftToTheNextStart() {
        for nowhere in [LogConfiguration.Sink.none, .inherit] {
            let logs = LogChangeBench()
            logs.change(logs.sink(nowhere))
            logs.start(logs.file("/log/a"))
            logs.flood()
            logs.change(logs.sink(nowhere))
            logs.flood()
            logs.settle()
            logs.expectWhole(logs.numbers(ofFile: "/log/a"))
            _ = logs.logs.finish(logs.id)
            let process = SpawnedProcess(handle: ProcessHandle(rawValue: 99), pid: 1, output: nil, errorOutput: nil)
            logs.logs.attach(
                logs.id, name: logs.bench.instance, attempt: 2, process: process, configuration: logs.sink(nowhere),
                queue: nil, task: nil)
            #expect(logs.host.logFiles.map(\.isOpen) == [false])
            logs.start(logs.file("/log/a"))
            logs.flood()
            logs.expectWhole(logs.numbers(ofFile: "/log/a"))
        }
    }

    // MARK: The rest

    @Test func theSettingsOfAFileHoldForWhatComesAfterTheBatchThatIsUnderWay() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(10)
        logs.change(
            logs.file("/log/a") {
                $0.rotateSize = 8192
                $0.rotateKeep = 2
                $0.owner = FileOwner(uid: 7, gid: 8)
                $0.mode = 0o600
            })
        logs.flood(10)
        #expect(host.logFiles.count == 1)
        host.letFilesGo()
        logs.settle()
        logs.expectWhole(logs.numbers(ofFile: "/log/a"))
        #expect(host.logFiles.map(\.isOpen) == [false, true])
        let settings = host.logFiles.last?.settings
        #expect(settings?.rotateSize == 8192 && settings?.rotateKeep == 2)
        #expect(settings?.owner == FileOwner(uid: 7, gid: 8) && settings?.mode == 0o600)
    }

    @Test func whatIsAsItWasTouchesNoFile() {
        logs.start(logs.file("/log/a"))
        logs.flood(10)
        logs.change(logs.file("/log/a"))
        logs.flood(10)
        #expect(host.logFiles.map(\.isOpen) == [true])
    }

    @Test func aFileInTroubleIsTriedAgainAtOnceAndItsTornLineEnded() {
        host.diskRoom = 3
        logs.start(logs.file("/log/a"))
        logs.flood(9)
        #expect(host.text(of: "/log/a") == "0\n1")
        host.diskRoom = .max
        logs.change(logs.file("/log/a") { $0.rotateKeep = 1 })
        logs.flood(0)
        #expect(host.text(of: "/log/a") == "0\n1\n10\n")
        #expect(logs.dropped == 9)
    }

    @Test func whoWaitsNoMoreGoesOn() {
        host.standardErrorRoom = 0
        logs.start(logs.sink(.stderr))
        logs.flood(100_000)
        #expect(!logs.isWatched)
        var dropping = logs.sink(.stderr)
        dropping.overflow = .drop
        logs.change(dropping)
        #expect(logs.isWatched)
        logs.readOn()
        #expect(host.pipes[logs.pipe]?.bytes.isEmpty == true && logs.bench.router.droppedLines > 0)
        // And back.
        logs.change(logs.sink(.stderr))
        logs.flood(10)
        #expect(!logs.isWatched)
        let dropped = logs.bench.router.droppedLines
        logs.settle()
        #expect(logs.bench.router.droppedLines == dropped)
        #expect(logs.numbersOfStandardError.suffix(11) == Array(logs.next - 11..<logs.next)[...])
    }

    @Test func memoryGrowsShrinksGoesAndComes() {
        logs.start(logs.file("/log/a") { $0.memory = 2048 })
        logs.flood(1000)
        let few = logs.tail(.max)
        #expect(few.last == logs.next - 1 && few.count < 600)
        logs.change(logs.file("/log/a") { $0.memory = 64 * 1024 })
        #expect(logs.tail(.max) == few)
        logs.flood(1000)
        #expect(logs.tail(.max) == Array(few[0]..<logs.next))
        logs.change(logs.file("/log/a") { $0.memory = 1024 })
        let kept = logs.tail(.max)
        #expect(kept == Array(logs.next - kept.count..<logs.next) && kept.count > 100)
        #expect(logs.logs.memoryInUse(of: logs.id) <= 1024)
        logs.change(logs.file("/log/a") { $0.memory = 0 })
        #expect(logs.tail(.max).isEmpty && logs.logs.memoryInUse(of: logs.id) == 0)
        logs.flood(5)
        logs.change(logs.file("/log/a") { $0.memory = 1024 })
        logs.flood(2)
        #expect(logs.tail(.max) == [logs.next - 3, logs.next - 2, logs.next - 1])
    }

    @Test func aLineThatWasBegunIsCutAsBeforeAndTheNextOnesAnew() {
        logs.start(logs.file("/log/a") { $0.maxLine = 32 })
        func put(_ text: String) {
            host.feed(text, to: logs.pipe)
            logs.readOn()
        }
        put("begun ")
        logs.change(logs.file("/log/a") { $0.maxLine = 16 })
        put("and ended by 30 bytes...\n0123456789abcdefXYZ\n0123")
        logs.change(logs.file("/log/a") { $0.maxLine = 32 })
        put("456789abcdefghi\n0123456789abcdefXYZ\n")
        #expect(
            host.text(of: "/log/a")
                == [
                    "begun and ended by 30 bytes...", "0123456789abcdef [...]", "XYZ", "0123456789abcdef [...]", "ghi",
                    "0123456789abcdefXYZ", "",
                ].joined(separator: "\n"))
    }

    @Test func anAttemptThatHasSomethingLeftComesBeforeTheNextOneInTheNewSinkToo() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(60_000)
        #expect(logs.logs.finish(logs.id) == nil)
        logs.start(logs.file("/log/b"))
        logs.flood(100)
        host.letFilesGo()
        logs.settle()
        logs.expectWhole(logs.numbers(ofFile: "/log/a"), logs.numbers(ofFile: "/log/b"))
    }

    // MARK: Gone and opened anew

    @Test func anInstanceThatIsGoneLeavesNoMemoryAndNoLineBehind() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(60_000)
        #expect(logs.logs.finish(logs.id) == nil)
        logs.logs.remove(logs.id)
        logs.logs.remove(logs.id)
        #expect(logs.logs.memoryInUse(of: logs.id) == 0 && !logs.logs.isSettled)
        host.letFilesGo()
        _ = logs.logs.takeEnded()
        #expect(logs.logs.isSettled && host.pipes.isEmpty)
        logs.expectWhole(logs.numbers(ofFile: "/log/a"))
        #expect(host.logFiles.map(\.isOpen) == [false])
    }

    @Test func whoComesToTheFileOfOneThatIsGoneWritesBehindIt() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(100)
        logs.flood(100)
        _ = logs.logs.finish(logs.id)
        logs.logs.remove(logs.id)
        logs.start(logs.file("/log/a"), id: InstanceID(slot: 3, generation: 2))
        logs.flood(100)
        host.letFilesGo()
        logs.settle()
        logs.expectWhole(logs.numbers(ofFile: "/log/a"))
        #expect(host.logFiles.map(\.isOpen) == [true])
    }

    @Test func filesAreOpenedAnewAndCounted() {
        let (second, third) = (InstanceID(slot: 4, generation: 0), InstanceID(slot: 5, generation: 0))
        logs.start(logs.sink(.stderr), id: second)
        logs.start(logs.file("/log/b"), id: third)
        logs.flood(5)
        #expect(logs.logs.reopen([logs.id, second]) == 0)
        #expect(logs.logs.reopen([logs.id, second, third]) == 1)
        #expect(host.logFiles.map(\.isOpen) == [false])
        logs.flood(5)
        #expect(host.logFiles.map(\.isOpen) == [true])
        logs.start(logs.file("/log/a"))
        #expect(logs.logs.reopenAll() == 2)
        #expect(host.logFiles.map(\.isOpen) == [false])
        host.filesHang = true
        logs.flood(5)
        logs.change(logs.sink(.stderr))
        #expect(logs.logs.reopenAll() == 1)
    }

    @Test func aFileIsOpenedAnewThoughLinesComeWithoutAnEnd() {
        host.filesHang = true
        logs.start(logs.file("/log/a"))
        logs.flood(100)
        logs.flood(100)
        #expect(logs.logs.reopen([logs.id]) == 1)
        logs.flood(100)
        host.letFilesGo(onlyOnce: true)
        // It closes between the batch that was under way and the next one.
        #expect(host.logFiles[0].closings == 1)
        host.letFilesGo()
        logs.settle()
        #expect(host.logFiles[0].closings == 1 && host.logFiles[0].isOpen)
        logs.expectWhole(logs.numbers(ofFile: "/log/a"))
    }
}
