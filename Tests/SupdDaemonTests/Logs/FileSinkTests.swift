import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct FileSinkTests {
    let bench = LogBench()

    private func configuration(size: Int = 10 * 1024 * 1024, keep: Int = 5) -> LogConfiguration {
        var configuration = bench.fileConfiguration
        configuration.rotateSize = size
        configuration.rotateKeep = keep
        return configuration
    }

    @Test func nothingIsOpenedBeforeTheFirstLine() {
        let (pump, _) = bench.pump(configuration())
        #expect(bench.host.opens == 0)
        bench.write("x\n", through: pump)
        #expect(bench.host.opens == 1)
    }

    @Test func whatWasThereIsAppendedTo() {
        bench.host.files["/log/web"] = Array("old\n".utf8)
        let (pump, _) = bench.pump(configuration())
        bench.write("new\n", through: pump)
        #expect(bench.host.text(of: "/log/web") == "old\nnew\n")
    }

    @Test func bothOutputsAreAlikeInLineEndsAndMarks() {
        for separate in [false, true] {
            let bench = LogBench()
            var configuration = bench.fileConfiguration
            configuration.maxLine = 16
            let (pump, _) = bench.pump(configuration, separateError: separate)
            let pipe = separate ? pump.channels[1] : pump.channels[0]
            bench.host.feed("crlf\r\n\nbare\rcr\n0123456789abcdefXYZ\r\n", to: pipe)
            pump.readable(pipe)
            let mark = separate ? "err: " : ""
            let lines = ["crlf", "", "bare\rcr", "0123456789abcdef [...]", "XYZ"]
            #expect(bench.host.text(of: "/log/web") == lines.map { "\(mark)\($0)\n" }.joined())
        }
    }

    @Test func rotatesBeforeItWouldGrowOverItsSizeAndKeepsSoMany() {
        let (pump, _) = bench.pump(configuration(size: 20, keep: 2))
        for number in 1...8 { bench.write("line \(number) ..\n", through: pump) }
        // Ten bytes a line: two fit.
        #expect(bench.host.text(of: "/log/web") == "line 7 ..\nline 8 ..\n")
        #expect(bench.host.text(of: "/log/web.1") == "line 5 ..\nline 6 ..\n")
        #expect(bench.host.text(of: "/log/web.2") == "line 3 ..\nline 4 ..\n")
        #expect(bench.host.text(of: "/log/web.3") == nil)
        #expect(bench.host.openFiles.values.sorted() == ["/log/web"])
    }

    @Test func aRunIsDividedAtALineWhereTheFileIsFull() {
        let (pump, _) = bench.pump(configuration(size: 20, keep: 9))
        bench.write((1...7).map { "line \($0) ..\n" }.joined(), through: pump)
        #expect(bench.host.text(of: "/log/web.3") == "line 1 ..\nline 2 ..\n")
        #expect(bench.host.text(of: "/log/web") == "line 7 ..\n")
    }

    @Test func aLineLongerThanTheLimitGetsAFileOfItsOwn() {
        let (pump, _) = bench.pump(configuration(size: 20, keep: 9))
        let long = String(repeating: "x", count: 50) + "\n"
        bench.write("short\n" + long + "next\n", through: pump)
        #expect(bench.host.text(of: "/log/web.2") == "short\n")
        #expect(bench.host.text(of: "/log/web.1") == long)
        #expect(bench.host.text(of: "/log/web") == "next\n")
    }

    @Test func keepingNoneReplacesTheFullFile() {
        let (pump, _) = bench.pump(configuration(size: 20, keep: 0))
        for number in 1...3 { bench.write("line \(number) ..\n", through: pump) }
        #expect(bench.host.files.keys.sorted() == ["/log/web"])
        #expect(bench.host.text(of: "/log/web") == "line 3 ..\n")
    }

    @Test func aLimitOfZeroNeverRotates() {
        let (pump, _) = bench.pump(configuration(size: 0))
        bench.write(String(repeating: "x\n", count: 5000), through: pump)
        #expect(bench.host.files.keys.sorted() == ["/log/web"])
    }

    @Test func whereItCannotBeRotatedItGrowsAndThatIsToldOnce() {
        bench.host.renameFailure = ErrorNumber(EACCES)
        let (pump, log) = bench.pump(configuration(size: 20, keep: 1))
        for number in 1...9 { bench.write("line \(number) ..\n", through: pump) }
        bench.host.advance(.seconds(60))
        bench.write("line a ..\n", through: pump)
        #expect(bench.host.files["/log/web"]?.count == 100)
        #expect(log.droppedLines == 0)
        #expect(bench.host.standardErrorLines.filter { $0.contains("cannot be rotated: EACCES") }.count == 1)

        bench.host.renameFailure = nil
        bench.host.advance(.seconds(60))
        bench.write("line b ..\n", through: pump)
        #expect(bench.host.files["/log/web.1"]?.count == 100)
        #expect(bench.host.standardErrorLines.last?.contains("can be rotated again") == true)
    }

    @Test func aFullDiskDropsCountsAndRecovers() throws {
        let (pump, log) = bench.pump(configuration())
        bench.host.diskRoom = 6
        bench.write("one\ntwo\nthree\n", through: pump)
        #expect(bench.host.text(of: "/log/web") == "one\ntw")
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
        #expect(bench.host.text(of: "/log/web") == "one\ntw\nfive\n")
        #expect(bench.host.standardErrorLines.count == 2)
        #expect(bench.host.standardErrorText.contains("can be written again; 3 lines were dropped"))
        #expect(log.tail(9).count == 5)
    }

    @Test func aFailureThatLastsIsToldOnceAndTriedOnceASecond() {
        bench.host.openFailure = ErrorNumber(ENOENT)
        let (pump, log) = bench.pump(configuration())
        for _ in 0..<100 {
            bench.write("x\n", through: pump)
            bench.host.advance(.milliseconds(100))
        }
        #expect(bench.host.opens == 10)
        #expect(log.droppedLines == 100)
        #expect(bench.host.standardErrorLines.count == 1)
        bench.host.openFailure = ErrorNumber(EACCES)
        bench.host.advance(.seconds(1))
        bench.write("x\n", through: pump)
        #expect(bench.host.standardErrorLines.count == 2)
    }

    @Test func inputOutputErrorsAreHandledAlike() {
        bench.host.diskRoom = 0
        bench.host.writeFailure = ErrorNumber(EIO)
        let (pump, log) = bench.pump(configuration())
        bench.write("x\n", through: pump)
        #expect(log.droppedLines == 1)
        #expect(bench.host.openFiles.isEmpty)
        #expect(bench.host.standardErrorText.contains("EIO"))
    }

    @Test func aClosedLogIsOpenedByTheNextLine() {
        let (pump, log) = bench.pump(configuration())
        bench.write("one\n", through: pump)
        log.close()
        #expect(bench.host.openFiles.isEmpty)
        bench.write("two\n", through: pump)
        #expect(bench.host.text(of: "/log/web") == "one\ntwo\n")
    }
}
