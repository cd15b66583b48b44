import Glibc
import SupdPlugin
import Synchronization
import Testing

@testable import SupdHost

/// Looks at the memory of processes: beside the loop, with a limit on everything.
@Suite struct ProcessLookTests {
    private static func stat(_ pid: Int32, image: UInt64 = 1) -> ProcStat {
        var stat = ProcStat(
            pid: pid, state: UInt8(ascii: "S"), isLeaving: false, parent: 1, group: pid, session: pid, threads: 1,
            startTime: 1)
        stat.image = image
        return stat
    }

    private static func mark(_ pid: Int32) -> TreeMark { TreeMark.of("\(pid)".utf8) }

    private static func sighting(_ pid: Int32) -> ProcessSighting {
        ProcessSighting(mark: .mark(mark(pid)), invocation: "\(pid)", command: "program \(pid)")
    }

    /// Looks that never come back for the processes whose numbers are in `held`, until they are let go.
    private final class Hold: Sendable {
        let held: Mutex<Set<Int32>>
        let looked = Mutex<[Int32]>([])

        init(_ held: Set<Int32>) { self.held = Mutex(held) }

        func look(_ process: ProcessIdentity) -> ProcessSighting? {
            looked.withLock { $0.append(process.pid) }
            while held.withLock({ $0.contains(process.pid) }) { poll(nil, 0, 1) }
            return ProcessLookTests.sighting(process.pid)
        }

        func letGo() { held.withLock { $0 = [] } }
    }

    private static func known(_ looks: ProcessLooks, _ pids: [Int32]) -> [Int32] {
        pids.filter { looks.mark(of: stat($0)) == .mark(mark($0)) }
    }

    @Test func oneThatHoldsUpTheOthersIsLeftAlone() throws {
        let mailbox = try LoopMailbox()
        let hold = Hold([7, 12])
        defer { hold.letGo() }
        let looks = ProcessLooks(mailbox: mailbox) { hold.look($0) }
        let pids = (1...100).map { Int32($0) }
        let others = pids.filter { ![7, 12].contains($0) }
        let begun = ContinuousClock.now
        looks.look(at: pids.map { Self.stat($0) }, for: .marks)
        #expect(ContinuousClock.now - begun < .seconds(2))
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        while Self.known(looks, pids) != others, ContinuousClock.now < deadline {
            looks.beginTurn()
            looks.look(at: pids.map { Self.stat($0) }, for: .marks)
            poll(nil, 0, 5)
        }
        #expect(Self.known(looks, pids) == others)
        #expect(looks.isUnderWay(Self.stat(7).identity) && looks.isUnread(Self.stat(12)))
        // Asking again costs nothing while it has not come back: neither a second look, nor time.
        #expect(hold.looked.withLock { $0.count { $0 == 7 } } == 1)
        hold.letGo()
        while Self.known(looks, pids) != pids, ContinuousClock.now < deadline {
            mailbox.runAll()
            poll(nil, 0, 1)
        }
        #expect(Self.known(looks, pids) == pids)
    }

    /// At a start the others are looked at to the end, whoever hangs.
    @Test func aPatientLookPassesOverWhoHangs() throws {
        let hold = Hold([3, 40, 41, 90])
        defer { hold.letGo() }
        let looks = ProcessLooks(mailbox: try LoopMailbox()) { hold.look($0) }
        let pids = (1...200).map { Int32($0) }
        looks.lookPatiently(at: pids.map { Self.stat($0) }, until: .now.advanced(by: .seconds(20)))
        #expect(pids.filter { looks.isUnread(Self.stat($0)) } == [3, 40, 41, 90])
    }

    /// On a busy machine each look takes its time, and those of so many processes take all threads there are.
    @Test func manyThatAreSlowAreAllLookedAt() throws {
        let looks = ProcessLooks(mailbox: try LoopMailbox()) { process in
            poll(nil, 0, 2)
            return Self.sighting(process.pid)
        }
        let pids = (1...5_000).map { Int32($0) }
        looks.lookPatiently(at: pids.map { Self.stat($0) }, until: .now.advanced(by: .seconds(60)))
        #expect(Self.known(looks, pids) == pids)
    }

    /// Those of one user, however many, leave threads for others: here all are this test's own user's.
    @Test func oneUsersProcessesTakeAPartOfTheThreads() throws {
        let hold = Hold([])
        defer { hold.letGo() }
        let looks = ProcessLooks(mailbox: try LoopMailbox()) { hold.look($0) }
        // Numbers of nobody's: all of one unknown user.
        let pids = (0..<100).map { Int32.max - $0 }
        hold.held.withLock { $0 = Set(pids) }
        for pid in pids {
            looks.beginTurn()
            looks.lookPatiently(at: [Self.stat(pid)], until: .now.advanced(by: .milliseconds(20)))
        }
        #expect(hold.looked.withLock { $0.count } <= 9)
    }

    @Test func aProgramThatIsTheSameIsNotLookedAtTwiceAndOneThatIsAnotherIs() throws {
        let hold = Hold([])
        let looks = ProcessLooks(mailbox: try LoopMailbox()) { hold.look($0) }
        for image: UInt64 in [1, 1, 2, 2] {
            looks.lookPatiently(at: [Self.stat(5, image: image)], until: .now.advanced(by: .seconds(20)))
        }
        #expect(hold.looked.withLock { $0 } == [5, 5])
        // In the middle of the next execve(2) it is still whose it was.
        #expect(looks.mark(of: Self.stat(5, image: 3)) == .mark(Self.mark(5)))
    }

    @Test func doubtPassesAndIsToldOnce() throws {
        let looks = ProcessLooks(mailbox: try LoopMailbox()) { _ in ProcessSighting(mark: .hidden) }
        let process = Self.stat(9)
        looks.lookPatiently(at: [process], until: .now.advanced(by: .seconds(20)))
        let start = MonotonicInstant(nanoseconds: 1_000_000_000)
        #expect(looks.mark(of: process) == .hidden)
        #expect(looks.isInDoubt(process.identity, now: start))
        #expect(looks.isInDoubt(process.identity, now: start.advanced(by: .milliseconds(900))))
        #expect(!looks.isInDoubt(process.identity, now: start.advanced(by: ProcessLooks.doubtLimit)))
        #expect(looks.isNewlyGivenUp(process.identity) && !looks.isNewlyGivenUp(process.identity))
    }

    @Test func anImageIsAnotherAfterEveryExec() throws {
        let line = "42 (a) S 1 7 8 0 -1 64 1 2 3 4 5 6 7 8 20 0 1 0 5 9 9 9 100 200 300 "
        let rest = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 400 401 402 403 404 405 406 0\n"
        func image(_ text: String) throws -> UInt64 {
            try #require(Array(text.utf8).withUnsafeBytes { ProcStat(parsing: $0) }).image
        }
        let before = try image(line + rest)
        // Its processor time, its memory and what it waits for change without that.
        let used = line.replacing("5 6 7 8 20", with: "9 9 7 8 20")
        #expect(try image(used + rest) == before)
        #expect(try image(line.replacing("300", with: "301") + rest) != before)
        #expect(try image(line + rest.replacing("406", with: "407")) != before)
        #expect(try image(line.replacing("(a)", with: "(b)") + rest) != before)
    }

    @Test func whatIsLookedAtIsThisProcess() throws {
        let procfs = ProcFiles(ownPID: getpid(), scansAllOfProc: false)
        let own = try #require(procfs.stat(getpid()))
        let sighting = try #require(ProcessMemory.look(at: own.identity))
        #expect(sighting.command?.isEmpty == false)
        #expect(procfs.mayLive(own.identity))
        let another = ProcessIdentity(pid: own.pid, startTime: own.startTime + 1)
        #expect(ProcessMemory.look(at: another) == nil)
        #expect(!procfs.mayLive(another))
    }
}
