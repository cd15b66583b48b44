import Glibc
import SupdPlugin
import Synchronization
import Testing

@testable import SupdHost

@Suite struct BlockingCallsTests {
    /// A call that hangs until it is let go.
    private final class Gate: Sendable {
        private let ends: (reading: Int32, writing: Int32)

        init() {
            var pair: [Int32] = [-1, -1]
            pipe(&pair)
            ends = (pair[0], pair[1])
        }

        deinit {
            close(ends.reading)
            close(ends.writing)
        }

        func pass() {
            var byte: UInt8 = 0
            _ = read(ends.reading, &byte, 1)
        }

        func open() {
            var byte: UInt8 = 1
            _ = write(ends.writing, &byte, 1)
        }
    }

    private final class Told {
        var values: [Int] = []
    }

    /// Runs what comes from other threads until `condition` holds; false where that took too long.
    private func turns(of mailbox: LoopMailbox, until condition: () -> Bool) -> Bool {
        while !condition() {
            var entry = pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 20_000) > 0 else { return false }
            mailbox.runAll()
        }
        return true
    }

    private static let longEnough = Duration.seconds(20)

    @Test func aQuickCallAnswersAtOnceAndIsNotToldAgain() throws {
        let mailbox = try LoopMailbox()
        let calls = BlockingCalls(mailbox: mailbox, limit: 2)
        let told = Told()
        let lane = calls.makeLane()
        let here = UInt(pthread_self())
        let elsewhere = calls.run(lane, within: Self.longEnough) {
            UInt(pthread_self()) != here
        } then: { _ in
            told.values.append(1)
        }
        #expect(elsewhere == true)
        // Had it been told, that would come before this.
        calls.run(lane) {
            2
        } told: {
            told.values.append($0)
        }
        #expect(turns(of: mailbox) { !told.values.isEmpty })
        #expect(told.values == [2])
    }

    @Test func aCallThatWasLeftCanBeWaitedForAgain() throws {
        let mailbox = try LoopMailbox()
        let calls = BlockingCalls(mailbox: mailbox, limit: 2)
        let told = Told()
        let gate = Gate()
        let lane = calls.makeLane()
        let job = calls.start(lane) {
            gate.pass()
            return 1
        } then: {
            told.values.append($0)
        }
        #expect(calls.result(of: job, within: .milliseconds(1)) == nil)
        gate.open()
        #expect(calls.result(of: job, within: Self.longEnough) == 1)
        // It is given once: had it been told as well, that would come before this.
        calls.run(lane) {
            2
        } told: {
            told.values.append($0)
        }
        #expect(turns(of: mailbox) { !told.values.isEmpty })
        #expect(told.values == [2])
    }

    /// Half of the threads are for others, whatever hangs; and what waits for its turn has it.
    @Test(arguments: [false, true]) func lanesThatHangTogetherLeaveThreadsToOthers(isApart: Bool) throws {
        let mailbox = try LoopMailbox()
        let calls = BlockingCalls(mailbox: mailbox, limit: 4, apart: isApart)
        let told = Told()
        let gates = (0..<6).map { _ in Gate() }
        for (number, gate) in gates.enumerated() {
            let lane = calls.makeLane(sharing: 7)
            for turn in [0, 10] {
                calls.run(lane) {
                    if turn == 0 { gate.pass() }
                    return number + turn
                } told: {
                    told.values.append($0)
                }
            }
        }
        for share in [nil, 8] as [Int?] {
            let answer = calls.run(calls.makeLane(sharing: share), within: Self.longEnough) {
                99
            } then: { _ in
            }
            #expect(answer == 99)
        }
        #expect(told.values == [])
        for gate in gates { gate.open() }
        #expect(turns(of: mailbox) { told.values.count == 12 })
        #expect(told.values.sorted() == Array(0..<6) + Array(10..<16))
        for number in 0..<6 {
            let places = [number, number + 10].compactMap(told.values.firstIndex)
            #expect(places == places.sorted())
        }
    }

    /// It would have to stand in line behind one that has been answered already.
    @Test func aCallBehindOneThatIsBackIsWaitedFor() throws {
        let mailbox = try LoopMailbox()
        let calls = BlockingCalls(mailbox: mailbox, limit: 8)
        let lane = calls.makeLane()
        var missed = 0
        for number in 0..<20_000 {
            let answer = calls.run(lane, within: Self.longEnough) {
                number
            } then: { _ in
            }
            if answer != number { missed += 1 }
        }
        #expect(missed == 0)
    }

    @Test func aCallThatHangsIsToldOnceItIsBack() throws {
        let mailbox = try LoopMailbox()
        let calls = BlockingCalls(mailbox: mailbox, limit: 2)
        let gate = Gate()
        let told = Told()
        let answer = calls.run(calls.makeLane(), within: .milliseconds(1)) { () -> Int in
            gate.pass()
            return 7
        } then: {
            told.values.append($0)
        }
        #expect(answer == nil)
        gate.open()
        #expect(turns(of: mailbox) { told.values == [7] })
    }

    @Test func aLaneKeepsItsOrderAndHoldsUpNoOther() throws {
        let mailbox = try LoopMailbox()
        let calls = BlockingCalls(mailbox: mailbox, limit: 2)
        let gate = Gate()
        let told = Told()
        let hung = calls.makeLane()
        _ = calls.run(hung) {
            gate.pass()
        } then: { _ in
            told.values.append(0)
        }
        for number in 1...50 {
            // Behind one that hangs it is not waited for, however long it might be.
            let answer = calls.run(hung, within: Self.longEnough) {
                number
            } then: {
                told.values.append($0)
            }
            #expect(answer == nil)
        }
        #expect(
            calls.run(calls.makeLane(), within: Self.longEnough) {
                51
            } then: { _ in
            } == 51)
        #expect(told.values.isEmpty)
        gate.open()
        #expect(turns(of: mailbox) { told.values.count == 51 })
        #expect(told.values == Array(0...50))
    }

    @Test func noMoreThreadsThanTheLimitAreTaken() throws {
        let mailbox = try LoopMailbox()
        let calls = BlockingCalls(mailbox: mailbox, limit: 3)
        let gate = Gate()
        let told = Told()
        let seen = Mutex<Set<UInt>>([])
        for number in 0..<8 {
            _ = calls.run(calls.makeLane()) { () -> Int in
                _ = seen.withLock { $0.insert(UInt(pthread_self())) }
                gate.pass()
                return number
            } then: {
                told.values.append($0)
            }
        }
        // All threads hang: this one waits in line, and is not waited for.
        #expect(
            calls.run(calls.makeLane(), within: Self.longEnough) {
                8
            } then: {
                told.values.append($0)
            } == nil)
        for _ in 0..<8 { gate.open() }
        #expect(turns(of: mailbox) { told.values.count == 9 })
        #expect(told.values.sorted() == Array(0...8))
        #expect(seen.withLock { $0.count } <= 3)
    }

    // MARK: Apart

    private func answer<Value: Sendable>(_ calls: BlockingCalls, _ call: @escaping @Sendable () -> Value) -> Value? {
        calls.run(calls.makeLane(), within: Self.longEnough, call) { _ in }
    }

    @Test func callsApartAreMadeInAProcessThatSharesTheMemoryAndNoDescriptor() async {
        await #expect(processExitsWith: .success) {
            let mailbox = try LoopMailbox()
            let calls = BlockingCalls(mailbox: mailbox, limit: 2, apart: true)
            let suite = BlockingCallsTests()
            let here = getpid()
            let there = suite.answer(calls) { getpid() }
            expectEqual(there == here, false)
            expectEqual(there, calls.process)
            // What is opened there is not open here, and the other way round.
            let mine = open("/dev/null", O_RDONLY | O_CLOEXEC)
            let isOpenThere = suite.answer(calls) { fcntl(mine, F_GETFD) >= 0 }
            expectEqual(isOpenThere, false)
            let before = openDescriptorCount()
            let theirs = suite.answer(calls) { (open("/dev/null", O_RDONLY | O_CLOEXEC), calls.table) }
            expectEqual(openDescriptorCount(), before)
            expectEqual(theirs?.1 == calls.table, false)
            expectEqual(suite.answer(calls) { calls.table }, theirs?.1)
            // It is no child that anybody has to reap, or could.
            expectEqual(waitpid(-1, nil, WNOHANG), -1)
            calls.stop(within: .seconds(20))
            expectEqual(calls.process, nil)
        }
    }

    @Test func whatComesAfterTheProcessHasEndedIsMadeInAnother() async {
        await #expect(processExitsWith: .success) {
            let mailbox = try LoopMailbox()
            let calls = BlockingCalls(mailbox: mailbox, limit: 2, apart: true)
            let suite = BlockingCallsTests()
            let first = suite.answer(calls) { calls.table }
            calls.stop(within: .seconds(20))
            let second = suite.answer(calls) { calls.table }
            expectEqual(second == nil, false)
            expectEqual(first == second, false)
        }
    }

    /// Somebody kills it, as calls of it hang: these hang in another then, and hold up nobody there either.
    @Test func whoeverKillsTheProcessGetsAnother() async {
        await #expect(processExitsWith: .success) {
            let mailbox = try LoopMailbox()
            let calls = BlockingCalls(mailbox: mailbox, limit: 8, apart: true)
            let suite = BlockingCallsTests()
            let (gate, told, long) = (Latch(), Told(), Duration.seconds(20))
            for number in 1...3 {
                calls.run(calls.makeLane()) {
                    gate.wait()
                    return number
                } told: {
                    told.values.append($0)
                }
            }
            let lane = calls.makeLane()
            for round in 1...3 {
                let answer = calls.run(lane, within: long, { getpid() }, then: { _ in })
                let process = try #require(answer)
                expectEqual(process, calls.process)
                expectEqual(kill(process, SIGKILL), 0)
                // Whether it is gone by then or not.
                let next = calls.run(lane, within: long, { round }, then: { _ in })
                expectEqual(next, round)
            }
            for _ in 1...3 { gate.open() }
            #expect(suite.turns(of: mailbox) { told.values.count == 3 })
            expectEqual(told.values.sorted(), [1, 2, 3])
            calls.stop(within: .seconds(20))
            expectEqual(calls.process, nil)
        }
    }
}
