import Glibc
import SupdConfiguration
import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

/// What waits, and what does not, while a sink is full.
@Suite struct WaitingTests {
    private let bench = LogBench()

    private func numbers(_ count: Int) -> String { (0..<count).map { "\($0)\n" }.joined() }

    private func fill(_ pump: LogPump, _ text: String? = nil) {
        bench.host.standardErrorRoom = 0
        bench.write(text ?? numbers(100_000), through: pump)
    }

    private func pipe(of pump: LogPump) throws -> Channel { try #require(pump.channels.first) }

    private func isWatched(_ pump: LogPump) throws -> Bool {
        bench.host.pipes[try pipe(of: pump)]?.isWatched ?? false
    }

    /// Lets standard error take so much in a turn until nothing waits any more.
    private func drain(_ pumps: LogPump..., pace: Int = 64 * 1024) throws {
        for _ in 0..<100_000 {
            bench.host.standardErrorRoom = pace
            bench.router.standardErrorWritable()
            var isRead = true
            for pump in pumps {
                for channel in pump.channels {
                    if bench.host.pipes[channel]?.isWatched == true { pump.readable(channel) }
                    isRead = isRead && bench.host.pipes[channel]?.bytes.isEmpty != false
                }
            }
            if isRead, bench.router.pendingBytes == 0 { return }
        }
        Issue.record("it never ended")
    }

    private func texts() -> [String] {
        bench.host.standardErrorLines.map { String($0.drop { $0 != "]" }.dropFirst(3)) }
    }

    @Test func aFullSinkHoldsUpThePipeAndLosesNothing() throws {
        let (pump, _) = bench.pump(LogConfiguration())
        fill(pump)
        #expect(try !isWatched(pump))
        #expect(bench.host.pipes[try pipe(of: pump)]?.bytes.isEmpty == false)
        #expect(bench.router.pendingBytes < 1024 * 1024)
        try drain(pump)
        #expect(texts() == (0..<100_000).map(String.init))
        #expect(bench.router.droppedLines == 0)
        #expect(try isWatched(pump))
    }

    @Test func aHangUpMeanwhileIsFoundOnceThereIsRoom() throws {
        let (pump, _) = bench.pump(LogConfiguration())
        fill(pump)
        bench.host.endPipe(try pipe(of: pump))
        try drain(pump)
        if let pipe = pump.channels.first { pump.readable(pipe) }
        #expect(pump.isFinished && bench.host.pipes.isEmpty)
    }

    @Test func theDaemonsOwnLinesHaveAReserveBesideThoseThatWait() throws {
        let (pump, _) = bench.pump(LogConfiguration())
        // One read of empty lines is many times as large with their prefix.
        fill(pump, String(repeating: "\n", count: 200_000))
        #expect(bench.router.pendingBytes > 1024 * 1024)
        for number in 0..<100 { bench.router.daemonLog.error("own \(number)") }
        #expect(bench.router.droppedLines == 0)
        try drain(pump)
        #expect(bench.host.standardErrorLines.count { $0.contains(" error own ") } == 100)
    }

    @Test func whoDropsLosesLinesBesideOneWhoWaits() throws {
        let (waiting, _) = bench.pump(LogConfiguration())
        let (dropping, _) = bench.pump(bench.dropping)
        fill(dropping, String(repeating: "drop\n", count: 50_000))
        #expect(bench.router.droppedLines > 0)
        bench.write(numbers(1_000), through: waiting)
        try drain(waiting, dropping)
        #expect(texts().filter { Int($0) != nil } == (0..<1_000).map(String.init))
    }

    @Test func whoWaitsIsServedInTurn() throws {
        let (greedy, _) = bench.pump(LogConfiguration())
        let (modest, _) = bench.pump(LogConfiguration())
        fill(greedy, String(repeating: "greedy\n", count: 200_000))
        bench.host.feed("modest\n", to: try pipe(of: modest))
        modest.readable(try pipe(of: modest))
        #expect(try !isWatched(modest))
        // The greedy one came first, and then it waits behind the other.
        for _ in 0..<2 {
            bench.host.standardErrorRoom = bench.router.pendingBytes
            bench.router.standardErrorWritable()
        }
        #expect(bench.host.pipes[try pipe(of: modest)]?.bytes.isEmpty == true)
        #expect(bench.host.pipes[try pipe(of: greedy)]?.bytes.isEmpty == false)
    }

    @Test func aSinkThatIsGoneHoldsUpNobody() throws {
        let (pump, log) = bench.pump(LogConfiguration())
        fill(pump)
        bench.host.standardErrorFailure = ErrorNumber(EPIPE)
        bench.router.standardErrorWritable()
        #expect(try isWatched(pump) && !log.holdsUp)
        bench.write("", through: pump)
        #expect(bench.host.pipes[try pipe(of: pump)]?.bytes.isEmpty == true)
        #expect(bench.router.droppedLines == 100_000)
        #expect(log.tail(1).first?.text == "99999")
    }

    @Test func whatAnAttemptLeftComesBeforeTheNextOnesLines() throws {
        let log = bench.router.instanceLog(for: bench.instance, LogConfiguration())
        let first = bench.pump(log, pid: 1)
        fill(first)
        first.finish()
        #expect(!first.isFinished)
        let second = bench.pump(log, pid: 2)
        #expect(second.isBehind)
        bench.host.feed("second\n", to: try pipe(of: second))
        try drain(first, second)
        #expect(first.isFinished && !second.isBehind)
        #expect(texts() == (0..<100_000).map(String.init) + ["second"])
        #expect(bench.host.standardErrorLines.last?.contains("[2]") == true)
    }

    @Test func formerAttemptsThatWaitAreBounded() throws {
        let log = bench.router.instanceLog(for: bench.instance, LogConfiguration())
        fill(bench.pump(log))
        for _ in 0..<20 {
            let pump = bench.pump(log)
            bench.host.feed("last words\n", to: try pipe(of: pump))
            pump.finish()
        }
        #expect(bench.host.pipes.count <= InstanceLog.leavingPumps + 2)
        #expect(bench.router.droppedLines > 0)
    }

    @Test func givenUpItReadsWhatIsLeftAndCountsWhatIsLost() throws {
        let (pump, log) = bench.pump(LogConfiguration())
        fill(pump)
        pump.finish()
        pump.giveUp()
        #expect(pump.isFinished && bench.host.pipes.isEmpty)
        #expect(log.tail(1).first?.text == "99999")
        let dropped = bench.router.droppedLines
        #expect(dropped > 0)
        try drain()
        #expect(texts().count { Int($0) != nil } == 100_000 - dropped)
    }

    @Test func aSinkThatStandsStillIsToldOfOnce() throws {
        let (pump, _) = bench.pump(LogConfiguration())
        fill(pump)
        func look() {
            #expect(bench.host.armed[bench.stallTimer] != nil)
            bench.host.advance(StallWatch.pace)
            _ = bench.host.takeFired()
            bench.router.stalls.look()
        }
        for _ in 0..<30 { look() }
        try drain(pump)
        look()
        #expect(bench.host.armed[bench.stallTimer] == nil)
        let own = bench.host.standardErrorLines.compactMap { $0.split(separator: "Z ", maxSplits: 1).last }
            .filter { $0.hasPrefix("warning") || $0.hasPrefix("notice") }
        #expect(
            own == [
                "warning standard error takes nothing: services that write to it wait",
                "notice standard error takes lines again",
            ])
    }

    @Test func inADrainASinkThatStandsStillHoldsUpNobody() throws {
        let (pump, _) = bench.pump(LogConfiguration())
        fill(pump)
        bench.router.stalls.isDraining = true
        bench.router.stalls.look()
        // It became full since it was last looked at.
        #expect(try !isWatched(pump))
        bench.router.stalls.look()
        #expect(try isWatched(pump))
        bench.write("", through: pump)
        #expect(bench.host.pipes[try pipe(of: pump)]?.bytes.isEmpty == true)
        #expect(bench.router.droppedLines > 0)
    }
}
