import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct StandardErrorOutletTests {
    let bench = LogBench()

    @Test func aLineHasTimeNameAndProcess() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.write("hello\nworld\n", through: pump)
        #expect(
            bench.host.standardErrorText == """
                2001-09-09T01:46:40.123Z web@2[42]: hello
                2001-09-09T01:46:40.123Z web@2[42]: world

                """)
        #expect(bench.host.standardErrorWrites == 1)
    }

    @Test func aLineCannotForgeAnother() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.write("a\r2026-01-01T00:00:00.000Z other[1]: b\u{1B}[A\0\n", through: pump)
        #expect(bench.host.standardErrorLines.count == 1)
        #expect(bench.host.standardErrorText.hasSuffix("a\\x0d2026-01-01T00:00:00.000Z other[1]: b\\x1b[A\\x00\n"))
    }

    @Test func aLevelIsSaidBeforeTheText() {
        var configuration = LogConfiguration()
        configuration.maxLine = 16
        let (pump, _) = bench.pump(configuration)
        bench.write("<3>bad\n<6>usual\n<9>odd\n0123456789abcdef<4>XYZ\n", through: pump)
        #expect(texts(bench) == ["error: bad", "usual", "<9>odd", "0123456789abcdef [...]", "<4>XYZ"])
        let json = LogBench(format: .json)
        let (other, _) = json.pump(LogConfiguration())
        json.write("<3>bad\n", through: other)
        #expect(json.host.standardErrorText.hasSuffix(#""line":"bad","priority":3}"# + "\n"))
    }

    @Test func piecesAndStandardErrorAreMarked() {
        var configuration = LogConfiguration()
        configuration.maxLine = 16
        let (pump, _) = bench.pump(configuration, separateError: true)
        bench.host.feed("0123456789abcdefXYZ\n", to: pump.channels[1])
        pump.readable(pump.channels[1])
        #expect(
            bench.host.standardErrorLines == [
                "2001-09-09T01:46:40.123Z web@2[42] err: 0123456789abcdef [...]",
                "2001-09-09T01:46:40.123Z web@2[42] err: XYZ",
            ])
    }

    @Test func jsonLinesAreObjects() {
        let bench = LogBench(format: .json)
        let (pump, _) = bench.pump(LogConfiguration())
        bench.write("say \"hi\"\u{1B}\n", through: pump)
        bench.router.daemonLog.warning("careful", ["service": "web"])
        #expect(
            bench.host.standardErrorLines == [
                #"{"time":"2001-09-09T01:46:40.123Z","service":"web","instance":"web@2","pid":42,"stream":"stdout","line":"say \"hi\"\u001b"}"#,
                #"{"time":"2001-09-09T01:46:40.123Z","level":"warning","message":"careful","service":"web"}"#,
            ])
    }

    @Test func whatHasNoRoomWaitsAndKeepsItsOrder() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.host.standardErrorRoom = 10
        bench.write("one\ntwo\n", through: pump)
        bench.write("three\n", through: pump)
        #expect(bench.host.standardErrorBytes.count == 10)
        #expect(bench.host.watchesStandardError)
        #expect(bench.router.pendingBytes > 0)
        bench.host.standardErrorRoom = 50
        bench.router.standardErrorWritable()
        #expect(bench.host.watchesStandardError)
        bench.host.standardErrorRoom = .max
        bench.router.standardErrorWritable()
        #expect(!bench.host.watchesStandardError)
        #expect(bench.router.pendingBytes == 0)
        #expect(texts(bench) == ["one", "two", "three"])
        #expect(bench.router.droppedLines == 0)
    }

    @Test func aFullQueueDropsCountsAndTellsOnceWhereTheLinesAreMissing() throws {
        let (pump, _) = bench.pump(bench.dropping)
        bench.host.standardErrorRoom = 0
        for number in 0..<20_000 { bench.write("line \(number)\n", through: pump) }
        #expect(bench.router.pendingBytes <= 256 * 1024)
        let dropped = bench.router.droppedLines
        #expect(dropped > 10_000)
        bench.host.standardErrorRoom = .max
        bench.router.standardErrorWritable()
        bench.write("after\n", through: pump)
        let lines = bench.host.standardErrorLines
        let kept = 20_000 - dropped
        #expect(lines.count == kept + 2)
        #expect(lines[kept - 1].hasSuffix(": line \(kept - 1)"))
        #expect(lines[kept].hasSuffix(" warning \(dropped) lines dropped: standard error did not take them"))
        #expect(lines[kept + 1].hasSuffix(": after"))
        #expect(bench.router.droppedLines == dropped)
    }

    @Test func whatHasNotBeenTakenWhenItIsGivenUpIsCountedAndToldOnceThereIsRoom() {
        let (pump, log) = bench.pump(LogConfiguration())
        bench.host.standardErrorRoom = 10
        for number in 0..<10 { bench.write("line \(number)\n", through: pump) }
        bench.router.giveUp()
        #expect(bench.router.pendingBytes == 0 && bench.router.droppedLines == 10)
        #expect(!bench.host.watchesStandardError)
        bench.write("late\n", through: pump)
        #expect(bench.router.pendingBytes == 0 && bench.router.droppedLines == 11 && !log.holdsUp)
        bench.host.standardErrorRoom = .max
        bench.router.daemonLog.notice("the end")
        let lines = bench.host.standardErrorLines
        #expect(lines.count == 3)
        #expect(lines[1].hasSuffix(" warning 11 lines dropped: standard error did not take them"))
        #expect(lines[2].hasSuffix(" notice the end"))
    }

    /// Each hand-over may have to wait for a thread: a thousand services that go down in a turn are one.
    @Test func theDaemonsOwnLinesOfATurnAreWrittenTogetherAndGraveOnesAtOnce() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.router.daemonLog.info("one")
        bench.router.daemonLog.notice("two")
        #expect(bench.host.standardErrorBytes.isEmpty)
        bench.router.daemonLog.warning("three")
        #expect(bench.host.standardErrorWrites == 1)
        bench.router.daemonLog.info("four")
        // Nobody's line overtakes it.
        bench.write("five\n", through: pump)
        bench.router.daemonLog.info("six")
        #expect(bench.host.standardErrorWrites == 3)
        let words = bench.host.standardErrorLines.compactMap { $0.split(separator: " ").last.map(String.init) }
        #expect(words == ["one", "two", "three", "four", "five", "six"])
        #expect(bench.host.standardErrorWrites == 4)
    }

    @Test func theDaemonsOwnLinesHaveAReserve() {
        let (pump, _) = bench.pump(bench.dropping)
        bench.host.standardErrorRoom = 0
        for _ in 0..<10 {
            bench.write(String(repeating: String(repeating: "x", count: 99) + "\n", count: 600), through: pump)
        }
        let dropped = bench.router.droppedLines
        #expect(dropped > 0)
        bench.router.daemonLog.error("important")
        #expect(bench.router.droppedLines == dropped)
        bench.host.standardErrorRoom = .max
        bench.router.standardErrorWritable()
        #expect(bench.host.standardErrorLines.contains { $0.hasSuffix(" error important") })
        for _ in 0..<10_000 { bench.router.daemonLog.error("flood") }
        #expect(bench.router.pendingBytes == 0)
    }

    @Test func theReserveIsBoundedToo() {
        bench.host.standardErrorRoom = 0
        for _ in 0..<20_000 { bench.router.daemonLog.error("flood") }
        #expect(bench.router.pendingBytes <= (256 + 64) * 1024)
        #expect(bench.router.droppedLines > 0)
    }

    @Test func aBrokenStandardErrorCostsLinesAndNothingElse() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.host.standardErrorRoom = 10
        bench.write("torn\n", through: pump)
        bench.host.standardErrorFailure = ErrorNumber(EPIPE)
        bench.router.standardErrorWritable()
        bench.write("lost\n", through: pump)
        #expect(bench.router.droppedLines == 2)
        #expect(bench.router.pendingBytes == 0)
        #expect(!bench.host.watchesStandardError)
        bench.host.standardErrorFailure = nil
        bench.host.standardErrorRoom = .max
        bench.write("back\n", through: pump)
        #expect(bench.host.standardErrorLines.first == "2001-09-09")
        #expect(
            bench.host.standardErrorLines.dropFirst().map { $0.dropFirst(25) } == [
                "warning 2 lines dropped: standard error did not take them", "web@2[42]: back",
            ])
    }

    private func texts(_ bench: LogBench) -> [String] {
        bench.host.standardErrorLines.map { String($0.drop { $0 != "]" }.dropFirst(3)) }
    }
}
