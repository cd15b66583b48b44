import Glibc
import SupdConfiguration
import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct FileSinkTests {
    let bench = LogBench()

    private var isOpen: Bool { bench.host.logFiles.contains(where: \.isOpen) }

    @Test func nothingIsOpenedBeforeTheFirstLine() {
        let (pump, _) = bench.pump(bench.fileConfiguration)
        #expect(bench.host.logFiles.isEmpty)
        bench.write("x\n", through: pump)
        #expect(bench.host.logFiles.count == 1)
    }

    @Test func theFileIsWhatTheConfigurationSays() {
        var configuration = bench.fileConfiguration
        configuration.rotateSize = 8192
        configuration.rotateKeep = 3
        configuration.owner = FileOwner(uid: 7, gid: 8)
        configuration.mode = 0o600
        let (pump, _) = bench.pump(configuration)
        bench.write("x\n", through: pump)
        let settings = bench.host.logFiles.first?.settings
        #expect(settings?.rotateSize == 8192 && settings?.rotateKeep == 3)
        #expect(settings?.owner == FileOwner(uid: 7, gid: 8) && settings?.mode == 0o600)
    }

    /// What the file has of what was written to one of the outputs, cut at 16 bytes a line.
    private func text(of written: String, separate: Bool) -> String? {
        let bench = LogBench()
        var configuration = bench.fileConfiguration
        configuration.maxLine = 16
        let (pump, _) = bench.pump(configuration, separateError: separate)
        let pipe = separate ? pump.channels[1] : pump.channels[0]
        bench.host.feed(written, to: pipe)
        pump.readable(pipe)
        return bench.host.text(of: "/log/web")
    }

    @Test func bothOutputsAreAlikeInLineEndsAndMarks() {
        for separate in [false, true] {
            let text = text(of: "crlf\r\n\nbare\rcr\n0123456789abcdefXYZ\r\n", separate: separate)
            let mark = separate ? "err: " : ""
            let lines = ["crlf", "", "bare\rcr", "0123456789abcdef [...]", "XYZ"]
            #expect(text == lines.map { "\(mark)\($0)\n" }.joined())
        }
    }

    @Test func aLevelIsSaidBeforeTheLineOnceAndNotInTheMiddleOfOne() {
        for separate in [false, true] {
            let text = text(of: "a <3>b\n<4>bad\n<6>usual\n<2>3456789abcdef<0>XYZ\n<7>\n", separate: separate)
            let mark = separate ? "err: " : ""
            let lines = [
                "a <3>b", "warning: bad", "usual", "critical: 3456789abcdef [...]", "<0>XYZ", "debug: ",
            ]
            #expect(text == lines.map { "\(mark)\($0)\n" }.joined())
        }
    }

    @Test func aLevelIsLeftWhereNoneIsLookedForFromTheNextLineOn() {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write("<4>one\n", through: pump)
        var configuration = bench.fileConfiguration
        configuration.levelPrefix = false
        log.change(log.instance, configuration, queue: nil)
        bench.write("<4>two\n", through: pump)
        #expect(bench.host.text(of: "/log/web") == "warning: one\n<4>two\n")
        // In memory too, each by what held when it was written.
        let lines = log.tail(LogQuestion(lines: 9))?.lines ?? []
        #expect(lines.map(\.text) == ["one", "<4>two"])
        #expect(lines.map(\.level) == [.warning, nil])
    }

    @Test func whatComesWhileAFileHangsGoesWithTheNextBatchInItsOrder() {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write("one\n", through: pump)
        bench.write("two\n", through: pump)
        bench.write("three\n", through: pump)
        #expect(bench.host.text(of: "/log/web") == nil)
        #expect(log.pendingBytes == 14)
        bench.host.letFilesGo()
        #expect(bench.host.text(of: "/log/web") == "one\ntwo\nthree\n")
        #expect(bench.host.fileWrites == 2)
        #expect(log.pendingBytes == 0 && log.droppedLines == 0)
    }

    @Test func whatAFileThatHangsHasNotTakenAtTheEndIsCountedAndTold() {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write("one\ntwo\n", through: pump)
        bench.write("three\n", through: pump)
        log.giveUp()
        #expect(log.droppedLines == 3 && log.pendingBytes == 0)
        #expect(bench.host.standardErrorText.contains("3 lines were lost"))
        // What comes back after that changes nothing.
        bench.host.letFilesGo()
        #expect(log.droppedLines == 3)
    }

    @Test func whoWaitedForAFileThatIsGivenUpGoesOn() throws {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write(String(repeating: "0123456789abcde\n", count: 20_000), through: pump)
        #expect(log.holdsUp)
        log.giveUp()
        let pipe = try #require(pump.channels.first)
        #expect(!log.holdsUp && bench.host.pipes[pipe]?.isWatched == true)
    }

    @Test func aPipeThatIsFullGoesOnWhereItStopped() {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write("one\ntwo\n", through: pump)
        bench.write("three\n", through: pump)
        bench.host.diskRoom = 6
        bench.host.logFileReport.isFull = true
        bench.host.letFilesGo(onlyOnce: true)
        #expect(bench.host.text(of: "/log/web") == "one\ntw")
        #expect(log.pendingBytes == 8)
        bench.host.diskRoom = .max
        bench.host.logFileReport.isFull = false
        bench.host.letFilesGo()
        #expect(bench.host.text(of: "/log/web") == "one\ntwo\nthree\n")
        #expect(log.droppedLines == 0)
    }

    @Test func aFileThatHangsHoldsUpWhoWaitsForItAndLosesNothing() throws {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        let pipe = try #require(pump.channels.first)
        let text = (1...60_000).map { "line \($0)\n" }.joined()
        bench.host.feed(text, to: pipe)
        for _ in 0..<20 { pump.readable(pipe) }
        // It is left alone once a read is under way and another waits.
        #expect(log.holdsUp && bench.host.pipes[pipe]?.isWatched == false)
        #expect(log.pendingBytes <= FileSink.fullBytes + LogPump.budget)
        bench.host.letFilesGo()
        #expect(!log.holdsUp && bench.host.pipes[pipe]?.isWatched == true)
        while bench.host.pipes[pipe]?.bytes.isEmpty == false { pump.readable(pipe) }
        #expect(log.droppedLines == 0)
        #expect(bench.host.text(of: "/log/web") == text)
    }

    @Test func whoDoesNotWaitLosesLinesThatAreCounted() throws {
        bench.host.filesHang = true
        var configuration = bench.fileConfiguration
        configuration.overflow = .drop
        let (pump, log) = bench.pump(configuration)
        bench.write(String(repeating: "0123456789abcde\n", count: 100_000), through: pump)
        #expect(log.pendingBytes <= FileSink.byteLimit)
        bench.host.letFilesGo()
        let written = bench.host.files["/log/web"]?.count ?? 0
        #expect(written / 16 + log.droppedLines == 100_000)
        #expect(log.droppedLines > 0)
        #expect(
            bench.host.standardErrorLines.map {
                $0.contains("more slowly than they come") || $0.contains("has room again")
            }
                == [true, true])
        #expect(bench.host.standardErrorText.contains("\(log.droppedLines) lines were dropped"))
    }

    @Test func aFileThatIsGoneHoldsUpNobody() {
        bench.host.logFileTrouble = LogFileTrouble(ErrorNumber(ENOSPC))
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write(String(repeating: "0123456789abcde\n", count: 100_000), through: pump)
        #expect(log.droppedLines == 100_000 && !log.holdsUp)
    }

    @Test func aRotationThatFailsIsToldOnceAndSoIsThatItWorksAgain() {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.host.logFileReport.rotationTrouble = LogFileTrouble(ErrorNumber(EACCES))
        for _ in 0..<9 { bench.write("x\n", through: pump) }
        #expect(log.droppedLines == 0)
        #expect(bench.host.standardErrorLines.filter { $0.contains("cannot be rotated: EACCES") }.count == 1)
        bench.host.logFileReport.rotationTrouble = nil
        bench.write("x\n", through: pump)
        #expect(bench.host.standardErrorLines.count == 1)
        bench.host.logFileReport.hasRotated = true
        bench.write("x\n", through: pump)
        #expect(bench.host.standardErrorLines.last?.contains("can be rotated again") == true)
    }

    @Test func aFullDiskDropsCountsAndRecovers() throws {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.host.diskRoom = 6
        bench.write("one\ntwo\nthree\n", through: pump)
        #expect(log.droppedLines == 2)
        #expect(bench.host.standardErrorLines.count == 1)
        #expect(bench.host.standardErrorText.contains("log file cannot be written: ENOSPC"))

        // Within the pace nothing is tried, and the pipe is read on.
        let writes = bench.host.fileWrites
        bench.host.diskRoom = .max
        bench.write("four\n", through: pump)
        #expect(bench.host.fileWrites == writes)
        #expect(log.droppedLines == 3)

        bench.host.advance(.seconds(1))
        bench.write("five\n", through: pump)
        #expect(bench.host.standardErrorLines.count == 2)
        #expect(bench.host.standardErrorText.contains("can be written again; 3 lines were dropped"))
        #expect(log.tail(9).count == 5)
    }

    @Test func aFailureThatLastsIsToldOnceAndTriedAtASlowingPace() {
        bench.host.logFileTrouble = LogFileTrouble(ErrorNumber(ENOENT), "its folder /log is not there")
        let (pump, log) = bench.pump(bench.fileConfiguration)
        for _ in 0..<600 {
            bench.write("x\n", through: pump)
            bench.host.advance(.milliseconds(100))
        }
        // At 0, 1, 3, 7, 15, 31, 47 s.
        #expect(bench.host.fileWrites == 7)
        #expect(log.droppedLines == 600)
        #expect(bench.host.standardErrorLines.count == 1)
        #expect(bench.host.standardErrorText.contains("its folder /log is not there; lines are dropped until"))
        bench.host.logFileTrouble = LogFileTrouble(ErrorNumber(EACCES))
        bench.host.advance(.seconds(16))
        bench.write("x\n", through: pump)
        #expect(bench.host.standardErrorLines.count == 2)
        bench.host.logFileTrouble = nil
        bench.host.advance(.seconds(16))
        bench.write("x\n", through: pump)
        bench.host.logFileTrouble = LogFileTrouble(ErrorNumber(EIO))
        let writes = bench.host.fileWrites
        bench.write("x\n", through: pump)
        bench.host.advance(.seconds(1))
        bench.write("x\n", through: pump)
        #expect(bench.host.fileWrites == writes + 2)
    }

    @Test func anOwnerThatCannotBeGivenIsToldOnce() {
        bench.host.logFileReport.ownerTrouble = LogFileTrouble(ErrorNumber(EPERM), "given to user 7 and group 8: EPERM")
        let (pump, log) = bench.pump(bench.fileConfiguration)
        for _ in 0..<3 { bench.write("x\n", through: pump) }
        #expect(bench.host.standardErrorLines.count == 1)
        #expect(log.droppedLines == 0)
    }

    @Test func aClosedLogIsOpenedByTheNextLine() {
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write("one\n", through: pump)
        #expect(isOpen)
        log.close()
        #expect(!isOpen)
        bench.write("two\n", through: pump)
        #expect(bench.host.text(of: "/log/web") == "one\ntwo\n")
        #expect(isOpen)
    }

    @Test func aLogIsClosedOnceWhatWaitsIsWritten() {
        bench.host.filesHang = true
        let (pump, log) = bench.pump(bench.fileConfiguration)
        bench.write("one\n", through: pump)
        bench.write("two\n", through: pump)
        log.close()
        bench.host.letFilesGo()
        #expect(bench.host.text(of: "/log/web") == "one\ntwo\n")
        #expect(!isOpen)
    }
}
