import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct JournalOutletTests {
    let bench = LogBench(hasJournal: true)

    @Test func anEntryCarriesWhoseItIs() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.write("hello\n", through: pump)
        #expect(
            bench.host.entries == [
                FakeHost.Entry(
                    message: "hello",
                    fields: [
                        "PRIORITY": "6", "SYSLOG_IDENTIFIER": "web@2", "SUPD_SERVICE": "web", "SUPD_INSTANCE": "web@2",
                        "SUPD_PID": "42", "SUPD_ATTEMPT": "7",
                    ])
            ])
    }

    /// What it had written before is the former one's, whoever reads it when.
    @Test func linesAreTheMainProcessesThatTheServiceHasThen() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.write("one\n", through: pump)
        bench.host.feed("two\n", to: pump.channels[0])
        pump.goOn(as: 43)
        bench.write("three\n", through: pump)
        #expect(bench.host.entries.map { $0.fields["SUPD_PID"] } == ["42", "42", "43"])
        #expect(bench.host.entries.map { $0.fields["SUPD_ATTEMPT"] } == ["7", "7", "7"])
    }

    @Test func aPrefixGivesThePriorityAndIsTakenAway() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.write("<3>bad\nplain\n<9>text\n<7>\n\n", through: pump)
        #expect(bench.host.entries.map(\.message) == ["bad", "plain", "<9>text"])
        #expect(bench.host.entries.map { $0.fields["PRIORITY"] } == ["3", "6", "6"])
    }

    @Test func piecesOfALineShareItsPriorityAndAreMarked() {
        var configuration = LogConfiguration()
        configuration.maxLine = 16
        let (pump, _) = bench.pump(configuration)
        bench.write("<3>456789abcdef<0>34\n<4>tail", through: pump)
        pump.finish()
        #expect(bench.host.entries.map(\.message) == ["456789abcdef<", "0>34", "tail"])
        #expect(bench.host.entries.map { $0.fields["PRIORITY"] } == ["3", "3", "4"])
        #expect(bench.host.entries.map { $0.fields["SUPD_LINE_BREAK"] } == ["line-max", nil, "eof"])
    }

    @Test func aSeparateStandardErrorIsMarked() {
        let (pump, _) = bench.pump(LogConfiguration(), separateError: true)
        bench.host.feed("oops\n", to: pump.channels[1])
        pump.readable(pump.channels[1])
        #expect(bench.host.entries.map { $0.fields["SUPD_STREAM"] } == ["stderr"])
    }

    @Test func whatHasNoRoomWaitsForTheTimerAndKeepsItsOrder() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.host.journalRoom = 1
        bench.write("one\ntwo\nthree\n", through: pump)
        #expect(bench.host.entries.map(\.message) == ["one"])
        #expect(bench.host.armed[bench.timer] == bench.host.now.advanced(by: .milliseconds(2)))
        bench.host.advance(.milliseconds(2))
        #expect(bench.host.takeFired() == [bench.timer])
        bench.router.retry()
        #expect(bench.host.armed[bench.timer] == bench.host.now.advanced(by: .milliseconds(4)))
        bench.host.journalRoom = .max
        bench.router.retry()
        #expect(bench.host.entries.map(\.message) == ["one", "two", "three"])
        #expect(bench.host.armed.isEmpty)
        #expect(bench.router.pendingBytes == 0)
        #expect(bench.router.droppedLines == 0)
    }

    @Test func aFullQueueDropsCountsAndTellsOnceWhereTheLinesAreMissing() {
        let (pump, _) = bench.pump(bench.dropping)
        bench.host.journalRoom = 0
        for number in 0..<5000 { bench.write("line \(number)\n", through: pump) }
        #expect(bench.router.pendingBytes <= 256 * 1024)
        let dropped = bench.router.droppedLines
        #expect(dropped > 3000)
        bench.host.journalRoom = .max
        bench.router.retry()
        bench.write("after\n", through: pump)
        let messages = bench.host.entries.map(\.message)
        let kept = 5000 - dropped
        #expect(messages.prefix(kept) == ArraySlice((0..<kept).map { "line \($0)" }))
        #expect(messages.dropFirst(kept) == ["\(dropped) lines dropped: the journal did not take them", "after"])
        #expect(bench.host.armed.isEmpty)
    }

    @Test func whatHasNotBeenTakenWhenItIsGivenUpIsCountedAndNothingWaitsAnyMore() {
        let (pump, log) = bench.pump(LogConfiguration())
        bench.host.journalRoom = 2
        for number in 0..<10 { bench.write("line \(number)\n", through: pump) }
        #expect(bench.router.pendingBytes > 0)
        bench.router.giveUp()
        #expect(bench.router.pendingBytes == 0 && bench.router.droppedLines == 8 && bench.host.armed.isEmpty)
        bench.write("late\n", through: pump)
        #expect(bench.router.pendingBytes == 0 && bench.router.droppedLines == 9 && !log.holdsUp)
        bench.host.journalRoom = .max
        bench.write("taken\n", through: pump)
        #expect(bench.host.entries.map(\.message) == ["line 0", "line 1", "taken"])
    }

    @Test func aFullQueueHoldsUpWhoWaitsForItAndLosesNothing() throws {
        let (pump, log) = bench.pump(LogConfiguration())
        let pipe = try #require(pump.channels.first)
        bench.host.journalRoom = 0
        let text = (0..<20_000).map { "line \($0)\n" }.joined()
        bench.write(text, through: pump)
        #expect(log.holdsUp && bench.host.pipes[pipe]?.isWatched == false)
        // As slowly as it likes, it gets all.
        var looks = 0
        while bench.router.pendingBytes > 0 || bench.host.pipes[pipe]?.bytes.isEmpty == false {
            bench.host.journalRoom = 512
            bench.router.retry()
            if bench.host.pipes[pipe]?.isWatched == true { pump.readable(pipe) }
            looks += 1
            try #require(looks < 1_000)
        }
        #expect(bench.host.entries.map(\.message) == (0..<20_000).map { "line \($0)" })
        #expect(bench.router.droppedLines == 0)
        bench.router.retry()
        #expect(bench.host.armed[bench.timer] == nil)
    }

    @Test func aJournalThatIsGoneHoldsUpNobody() throws {
        let (pump, log) = bench.pump(LogConfiguration())
        let pipe = try #require(pump.channels.first)
        bench.host.journalRoom = 0
        bench.write(String(repeating: "x\n", count: 100_000), through: pump)
        #expect(bench.host.pipes[pipe]?.isWatched == false)
        bench.host.journalFailure = ErrorNumber(ECONNREFUSED)
        bench.router.retry()
        bench.write("", through: pump)
        #expect(bench.host.pipes[pipe]?.bytes.isEmpty == true)
        #expect(bench.router.droppedLines > 0 && !log.holdsUp)
    }

    @Test func aJournalThatIsGoneIsToldOnceTriedAtASlowPaceAndFoundAgain() {
        let bench = LogBench(format: .journal)
        var configuration = LogConfiguration()
        configuration.sink = .journal
        let (pump, _) = bench.pump(configuration)
        bench.host.journalFailure = ErrorNumber(ENOENT)
        bench.write("one\ntwo\n", through: pump)
        #expect(bench.host.armed[bench.timer] == bench.host.now.advanced(by: .seconds(1)))
        for _ in 0..<10 { bench.router.retry() }
        #expect(bench.host.armed[bench.timer] == bench.host.now.advanced(by: .seconds(1)))
        // What the daemon has to say goes to standard error as long as it lasts.
        bench.router.daemonLog.info("still here")
        #expect(bench.host.standardErrorLines.count == 2)
        #expect(bench.host.standardErrorText.contains("warning the journal cannot be reached: ENOENT"))
        bench.host.journalFailure = nil
        bench.router.retry()
        #expect(bench.host.entries.map(\.message).prefix(2) == ["one", "two"])
        #expect(bench.host.entries.last?.message == "the journal can be reached again; 0 lines were dropped so far")
        #expect(bench.host.armed.isEmpty)
    }

    @Test func atTheEndNobodyWaitsForAJournalThatIsGone() {
        let bench = LogBench(format: .journal)
        var configuration = LogConfiguration()
        configuration.sink = .journal
        let (pump, _) = bench.pump(configuration)
        bench.host.journalRoom = 0
        bench.write("one\ntwo\n", through: pump)
        bench.router.flush()
        #expect(bench.router.pendingBytes > 0, "a journal that is merely full may take them yet")
        bench.host.journalFailure = ErrorNumber(ENOENT)
        bench.router.flush()
        #expect(bench.router.pendingBytes == 0 && bench.router.droppedLines == 2 && bench.host.armed.isEmpty)
        bench.router.tellLost()
        #expect(bench.host.standardErrorText.contains("2 lines were lost: the journal could not be reached"))
    }

    @Test func whereStandardErrorIsTheJournalNothingGoesThereAndAllIsSaidOnceItIsBack() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.write("one\n", through: pump)
        bench.host.journalFailure = ErrorNumber(ECONNREFUSED)
        bench.host.unreadEntries = 1
        for number in 0..<5000 { bench.write("line \(number)\n", through: pump) }
        bench.router.daemonLog.info("still here")
        let dropped = bench.router.droppedLines
        #expect(dropped > 3000 && bench.host.standardErrorBytes.isEmpty)
        bench.host.journalFailure = nil
        bench.router.retry()
        let messages = bench.host.entries.map(\.message)
        #expect(messages.filter { $0.hasPrefix("line ") }.count == 5000 - dropped)
        #expect(
            messages.filter { !$0.hasPrefix("line ") } == [
                "one", "the journal cannot be reached: \(ErrorNumber(ECONNREFUSED)); it is tried again", "still here",
                "the journal can be reached again; \(dropped) lines were dropped so far",
                "\(dropped) lines dropped: the journal did not take them",
                "up to 1 of the last lines before this are lost: the journal ended without having read them",
            ])
        #expect(bench.router.pendingBytes == 0 && bench.host.armed.isEmpty)
    }

    @Test func anEntryThatIsRefusedDoesNotHoldUpTheOthers() {
        let (pump, _) = bench.pump(LogConfiguration())
        bench.host.journalFailure = ErrorNumber(EMSGSIZE)
        bench.write("too large\n", through: pump)
        #expect(bench.router.droppedLines == 1)
        #expect(bench.router.pendingBytes == 0)
        bench.host.journalFailure = nil
        bench.write("next\n", through: pump)
        #expect(bench.host.entries.map(\.message) == ["1 line dropped: the journal did not take it", "next"])
    }
}
