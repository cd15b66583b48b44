import SupdConfiguration
import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

/// Pipes that are written to without a pause.
@Suite struct FloodTests {
    private let bench = LogBench()

    init() { bench.host.pipesGrow = true }

    /// Has a service write until its pipe counts as one of them.
    private func flood(_ pump: LogPump, _ text: String = "x\n") throws -> Channel {
        let pipe = try #require(pump.channels.first)
        for _ in 0..<FloodedPipes.quickReads {
            bench.host.feed(text, to: pipe)
            pump.readable(pipe)
        }
        return pipe
    }

    /// Lets so much time go by, and has what is due read. Whether anything was.
    @discardableResult private func tick(
        _ pumps: LogPump..., after pause: Duration = FloodedPipes.longestPause
    ) -> Bool {
        bench.host.advance(pause)
        guard bench.host.takeFired().contains(bench.floodTimer) else { return false }
        for channel in bench.router.floods.takeDue() {
            for pump in pumps { pump.readable(channel) }
        }
        return true
    }

    private func isLarge(_ pipe: Channel) -> Bool { bench.host.pipes[pipe]?.size == FloodedPipes.largeBytes }

    private func numbers(_ range: Range<Int>) -> String { range.map { "\($0)\n" }.joined() }

    @Test func itsPipeIsReadAtAPaceForAsLongAsThatGoesOn() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        #expect(isLarge(pipe) && bench.host.pipes[pipe]?.isWatched == false)
        for number in 0..<5 {
            bench.host.feed("\(number)\n", to: pipe)
            #expect(tick(pump))
        }
        #expect(bench.host.text(of: "/log/web") == String(repeating: "x\n", count: 8) + "0\n1\n2\n3\n4\n")
        #expect(tick(pump) && isLarge(pipe))
        #expect(tick(pump, after: FloodedPipes.patience))
        #expect(!isLarge(pipe) && bench.host.pipes[pipe]?.isWatched == true)
        // Nothing wakes the loop for it any more.
        #expect(bench.host.armed[bench.floodTimer] == nil)
    }

    @Test func whoWritesNowAndThenHasItsPipeWatched() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try #require(pump.channels.first)
        for _ in 0..<100 {
            bench.host.advance(FloodedPipes.shortestPause)
            bench.host.feed("x\n", to: pipe)
            pump.readable(pipe)
        }
        #expect(!isLarge(pipe) && bench.host.pipes[pipe]?.isWatched == true)
    }

    @Test func aPipeThatCannotBeMadeLargerStaysWatched() throws {
        bench.host.pipesGrow = false
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        #expect(!isLarge(pipe) && bench.host.pipes[pipe]?.isWatched == true)
        bench.host.pipesGrow = true
        bench.write(numbers(0..<9), through: pump)
        #expect(!isLarge(pipe), "it is not asked at every read")
        #expect(bench.host.text(of: "/log/web")?.hasSuffix(numbers(0..<9)) == true)
    }

    @Test func moreIsReadAtOnceAndTheSoonerTheMoreThereIs() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        let size = LogPump.largeBudget + LogPump.largeBudget / 2
        bench.host.feed(String(repeating: "0123456789abcde\n", count: size / 16), to: pipe)
        #expect(tick(pump))
        #expect(bench.host.readSizes.last == LogPump.largeBudget)
        // The rest in the next turn.
        #expect(tick(pump, after: .zero))
        #expect(bench.host.readSizes.last == LogPump.largeBudget / 2)
        #expect(!tick(pump, after: FloodedPipes.shortestPause - .microseconds(1)))
        #expect(tick(pump, after: FloodedPipes.longestPause / 2))
    }

    @Test func soManyAreLargeAndNoMore() throws {
        let pumps = (0..<FloodedPipes.limit).map { _ in bench.pump(LogConfiguration()).0 }
        for pump in pumps { #expect(isLarge(try flood(pump))) }
        let (late, _) = bench.pump(LogConfiguration())
        let pipe = try flood(late)
        #expect(!isLarge(pipe))
        // One that ends leaves its place to another.
        pumps[3].finish()
        for _ in 0..<FloodedPipes.refusedReads { bench.write("x\n", through: late) }
        #expect(isLarge(try flood(late)))
    }

    @Test func aLargePipeIsReadOutWhenItsAttemptIsOver() throws {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        let text = String(numbers(0..<200_000).suffix(FloodedPipes.largeBytes))
        bench.host.feed(text, to: pipe)
        pump.finish()
        #expect(pump.isFinished && bench.host.pipes.isEmpty && log.droppedLines == 0)
        #expect(bench.host.text(of: "/log/web") == String(repeating: "x\n", count: 8) + text)
        #expect(bench.host.armed[bench.floodTimer] == nil)
    }

    @Test func anotherMainProcessIsNotSaidToHaveWrittenWhatWasInThePipe() throws {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        bench.host.feed(numbers(0..<100_000), to: pipe)
        pump.goOn(as: 43)
        #expect(log.tail(1).first?.text == "99999" && log.tail(1).first?.pid == 42)
        bench.host.feed("after\n", to: pipe)
        tick(pump)
        #expect(log.tail(1).first?.pid == 43)
    }

    /// What is lent to the file that is being written stays what it is, whatever is read meanwhile.
    @Test func aFileThatIsFullHoldsItUpAndLosesNothing() throws {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        let text = numbers(0..<300_000)
        bench.host.feed(text, to: pipe)
        while tick(pump) {}
        #expect(log.holdsUp && bench.host.armed[bench.floodTimer] == nil)
        #expect(log.pendingBytes <= FileSink.fullBytesInFlood + LogPump.largeBudget)
        bench.host.letFilesGo(onlyOnce: true)
        while tick(pump) {}
        #expect(log.holdsUp)
        bench.host.letFilesGo()
        while bench.host.pipes[pipe]?.bytes.isEmpty == false { #expect(tick(pump)) }
        #expect(bench.host.text(of: "/log/web") == String(repeating: "x\n", count: 8) + text)
        #expect(log.droppedLines == 0)
    }

    @Test func whatAFileHasNotTakenIsCounted() throws {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        bench.host.feed(numbers(0..<50_000), to: pipe)
        while bench.host.pipes[pipe]?.bytes.isEmpty == false { #expect(tick(pump)) }
        log.giveUp()
        #expect(log.droppedLines == 50_000 + FloodedPipes.quickReads)
    }

    @Test func aDiskThatIsFullDropsTheRestOfALargeReadAndCountsIt() throws {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        bench.host.diskRoom = 40_000
        bench.host.feed(String(repeating: "0123456789abcde\n", count: 10_000), to: pipe)
        #expect(tick(pump))
        #expect(log.droppedLines == 10_000 - 2_500)
    }

    /// Of a large read, too, each line that is not plain text is made so.
    @Test func levelsAndReturnsAreTakenOutOfALargeRead() throws {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        let pipe = try flood(pump)
        let plain = numbers(0..<20_000)
        bench.host.feed(plain + "<3>bad\nreturn\r\nbegun", to: pipe)
        #expect(tick(pump))
        bench.host.feed(", ended\n" + plain, to: pipe)
        #expect(tick(pump))
        #expect(
            bench.host.text(of: "/log/web") == String(repeating: "x\n", count: 8) + plain
                + "error: bad\nreturn\nbegun, ended\n" + plain)
    }
}
