import SupdConfiguration
import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct LogPumpTests {
    let bench = LogBench()

    @Test func linesReachTheFileAndTheMemory() throws {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        let pipe = try #require(pump.channels.first)
        #expect(bench.host.pipes[pipe]?.isWatched == true)
        bench.host.feed("one\ntwo\nthr", to: pipe)
        pump.readable(pipe)
        #expect(bench.host.text(of: "/log/web") == "one\ntwo\n")
        #expect(bench.host.fileWrites == 1)
        #expect(log.tail(9).map(\.text) == ["one", "two"])
        bench.host.feed("ee\n", to: pipe)
        pump.readable(pipe)
        #expect(bench.host.text(of: "/log/web") == "one\ntwo\nthree\n")
        #expect(log.tail(1).first?.pid == 42)
        #expect(!pump.isFinished)
    }

    @Test func aTurnReadsNoMoreThanItsBudget() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try #require(pump.channels.first)
        bench.host.feed(String(repeating: "0123456789abcde\n", count: 20_000), to: pipe)
        pump.readable(pipe)
        #expect(bench.host.readSizes == [LogPump.budget])
        #expect(bench.host.files["/log/web"]?.count == LogPump.budget)
        pump.readable(pipe)
        #expect(bench.host.readSizes == [LogPump.budget, LogPump.budget])
    }

    @Test func endOfFileFlushesALastLineAndClosesThePipe() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try #require(pump.channels.first)
        bench.host.feed("no newline", to: pipe)
        bench.host.endPipe(pipe)
        pump.readable(pipe)
        #expect(!pump.isFinished)
        pump.readable(pipe)
        #expect(pump.isFinished)
        #expect(bench.host.pipes.isEmpty)
        #expect(bench.host.text(of: "/log/web") == "no newline\n")
        pump.readable(pipe)
        pump.finish()
        #expect(bench.host.text(of: "/log/web") == "no newline\n")
    }

    @Test func finishDrainsWithoutWaitingForTheEnd() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try #require(pump.channels.first)
        bench.host.feed(String(repeating: "x\n", count: 100_000) + "last", to: pipe)
        pump.finish()
        #expect(pump.isFinished)
        #expect(bench.host.pipes.isEmpty)
        #expect(bench.host.files["/log/web"]?.count == 200_005)
    }

    @Test func finishIsBoundedWhereSomebodyKeepsWriting() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try #require(pump.channels.first)
        bench.host.feed([UInt8](repeating: 0x0A, count: 3 * LogPump.finalBudget), to: pipe)
        pump.finish()
        #expect(bench.host.readSizes.reduce(0, +) == LogPump.finalBudget)
        #expect(pump.isFinished)
    }

    @Test func twoPipesKeepTheirLinesApart() throws {
        let (pump, log) = bench.pump(bench.fileConfiguration, separateError: true)
        let (out, err) = (pump.channels[0], pump.channels[1])
        bench.host.feed("out", to: out)
        pump.readable(out)
        bench.host.feed("err\n", to: err)
        pump.readable(err)
        bench.host.feed("put\n", to: out)
        pump.readable(out)
        #expect(bench.host.text(of: "/log/web") == "err: err\noutput\n")
        #expect(log.tail(2).map(\.stream) == [.error, .output])
        bench.host.endPipe(err)
        pump.readable(err)
        #expect(!pump.isFinished)
        #expect(bench.host.pipes.keys.map { $0 } == [out])
    }

    @Test func anEndlessLineIsCutAndNothingOfItIsLost() throws {
        var configuration = bench.fileConfiguration
        configuration.maxLine = 1000
        let (pump, log) = bench.pump(configuration)
        let pipe = try #require(pump.channels.first)
        bench.host.feed([UInt8](repeating: 0, count: 10_500), to: pipe)
        pump.readable(pipe)
        pump.finish()
        let pieces = try #require(bench.host.files["/log/web"]).split(separator: 0x0A)
        #expect(pieces.map(\.count) == [Int](repeating: 1000 + " [...]".utf8.count, count: 10) + [500])
        #expect(log.tail(2).map { $0.flags.contains(.cut) } == [true, false])
        #expect(log.tail(2).allSatisfy { $0.flags.contains(.continuation) })
    }

    @Test func aProcessWithoutPipesIsFinishedAtOnce() {
        let log = bench.router.instanceLog(for: bench.instance, LogConfiguration())
        let process = SpawnedProcess(handle: ProcessHandle(rawValue: 1), pid: 42, output: nil, errorOutput: nil)
        #expect(LogPump(log: log, process: process, attempt: 1).isFinished)
    }

    @Test func autoIsTheJournalWhereThereIsOneElseStandardError() throws {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.host.feed("to stderr\n", to: try #require(pump.channels.first))
        pump.finish()
        #expect(bench.host.standardErrorLines.count == 1)

        bench.host.hasJournal = true
        let (second, _) = bench.pump(LogConfiguration())
        bench.host.feed("to the journal\n", to: try #require(second.channels.first))
        second.finish()
        #expect(bench.host.entries.map(\.message) == ["to the journal"])
    }

    @Test func theMemoryOutlivesTheAttempt() throws {
        let log = bench.router.instanceLog(for: bench.instance, bench.fileConfiguration)
        for attempt in 1...2 {
            let pump = bench.pump(log, pid: Int32(attempt))
            bench.host.feed("attempt \(attempt)\n", to: try #require(pump.channels.first))
            pump.finish()
        }
        #expect(log.tail(9).map(\.text) == ["attempt 1", "attempt 2"])
        #expect(log.tail(9).map(\.pid) == [1, 2])
    }
}

/// A router on a fake host, and pumps of it.
struct LogBench {
    let host = FakeHost()
    let router: LogRouter
    let timer = TimerToken(kind: 900)
    let stallTimer = TimerToken(kind: 901)
    let floodTimer = TimerToken(kind: 902)
    let instance: InstanceName

    init(level: LogLevel = .info, format: LogFormat = .auto, hasJournal: Bool = false) {
        host.hasJournal = hasJournal
        router = LogRouter(
            host: host, level: level, format: format, retryTimer: timer, stallTimer: stallTimer, floodTimer: floodTimer)
        guard let name = ServiceName("web") else { preconditionFailure("'web' is a name") }
        instance = InstanceName(service: name, index: 2)
        host.endTurn = { [log = router.daemonLog] in log.handOver() }
    }

    var fileConfiguration: LogConfiguration {
        var configuration = LogConfiguration()
        configuration.sink = .file
        configuration.file = "/log/web"
        return configuration
    }

    /// The standard one, of a service that does not wait for its sink.
    var dropping: LogConfiguration {
        var configuration = LogConfiguration()
        configuration.overflow = .drop
        return configuration
    }

    func pump(_ configuration: LogConfiguration, separateError: Bool = false) -> (LogPump, InstanceLog) {
        let log = router.instanceLog(for: instance, configuration)
        return (pump(log, separateError: separateError), log)
    }

    func pump(_ log: InstanceLog, pid: Int32 = 42, separateError: Bool = false) -> LogPump {
        let process = SpawnedProcess(
            handle: ProcessHandle(rawValue: 1), pid: pid, output: host.makePipe(),
            errorOutput: separateError ? host.makePipe() : nil
        )
        return LogPump(log: log, process: process, attempt: 7)
    }

    /// Lets the child write `text`, and the pump read all of it, or as much as its sink takes.
    func write(_ text: String, through pump: LogPump) {
        guard let pipe = pump.channels.first else { return }
        host.feed(text, to: pipe)
        while let state = host.pipes[pipe], state.isWatched, !state.bytes.isEmpty { pump.readable(pipe) }
    }
}

extension InstanceLog {
    /// The last lines in memory, oldest first.
    func tail(_ count: Int) -> [LoggedLine] { tail(LogQuestion(lines: count))?.lines ?? [] }
}
