import CSupd
import Glibc
import SupdPlugin
import Synchronization
import Testing

@testable import SupdHost

@Suite struct EventLoopTests {
    @Test func timersAreToldInOrderAndNotBeforeTheirTime() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let start = bench.host.now
                for (kind, milliseconds) in [(UInt16(3), 30), (1, 5), (2, 15), (9, 20)] {
                    bench.host.arm(TimerToken(kind: kind), at: start.advanced(by: .milliseconds(milliseconds)))
                }
                bench.host.arm(TimerToken(kind: 4), at: start.advanced(by: .milliseconds(1)))
                bench.host.arm(TimerToken(kind: 4), at: start.advanced(by: .milliseconds(40)))
                bench.host.disarm(TimerToken(kind: 9))
                var told: [HostEvent] = []
                let order = [(UInt16(1), 5), (2, 15), (3, 30), (4, 40)]
                while told.count < order.count {
                    bench.host.wait(into: &told)
                    // However late the machine let it run: nothing before its time.
                    for index in told.indices {
                        expectEqual(told[index], .timer(TimerToken(kind: order[index].0)))
                        #expect(bench.host.now >= start.advanced(by: .milliseconds(order[index].1)))
                    }
                }
                expectEqual(told.count, 4)
            }
        }
    }

    @Test func aTimerThatIsDueAtOnceIsToldWithoutWaiting() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                var events: [HostEvent] = []
                bench.host.arm(TimerToken(kind: 1), at: MonotonicInstant(nanoseconds: 0))
                bench.host.wait(into: &events)
                bench.host.arm(TimerToken(kind: 2), at: bench.host.now)
                bench.host.wait(into: &events)
                expectEqual(events, [.timer(TimerToken(kind: 1)), .timer(TimerToken(kind: 2))])
            }
        }
    }

    @Test func aTurnIsBoundedAndTheRestComesInTheNext() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                for subject in UInt64(0)..<1000 {
                    bench.host.arm(TimerToken(kind: 1, subject: subject), at: bench.host.now)
                }
                var events: [HostEvent] = []
                bench.host.wait(into: &events)
                expectEqual(events.count, Int(SUPD_EVENTS_MAX))
                for _ in 0..<3 { bench.host.wait(into: &events) }
                expectEqual(Set(events).count, 1000)
            }
        }
    }

    /// Fault 16: the clock of the timers is the monotonic one; and idle means that nothing is set.
    @Test func theTimerIsMonotonicAndDisarmedWhileNothingIsDue() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                func timer() -> [String: String] {
                    var values: [String: String] = [:]
                    for line in (readWholeFile("/proc/self/fdinfo/\(bench.host.loop.timer)") ?? "").split(
                        separator: "\n")
                    {
                        let parts = line.split(separator: ":", maxSplits: 1)
                        if parts.count == 2 { values[String(parts[0])] = String(parts[1].drop { $0 == " " }) }
                    }
                    return values
                }
                bench.host.arm(TimerToken(kind: 1), at: bench.host.now.advanced(by: .seconds(1000)))
                bench.host.submit {}
                var events: [HostEvent] = []
                bench.host.wait(into: &events)
                expectEqual(timer()["clockid"], "\(CLOCK_MONOTONIC)")
                #expect(timer()["it_value"]?.hasPrefix("(9") == true, "\(timer())")
                bench.host.disarm(TimerToken(kind: 1))
                bench.host.submit {}
                bench.host.wait(into: &events)
                expectEqual(timer()["it_value"], "(0, 0)")
                expectEqual(events, [])
            }
        }
    }

    /// A timerfd that cannot be set loses no deadline.
    @Test func aDeadlineIsKeptWhereTheTimerCannotBeSet() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let null = open("/dev/null", O_RDWR | O_CLOEXEC)
                dup2(null, bench.host.loop.timer)
                let start = bench.host.now
                for milliseconds in [30, 60] {
                    let token = TimerToken(kind: 1, subject: UInt64(milliseconds))
                    let deadline = start.advanced(by: .milliseconds(milliseconds))
                    bench.host.arm(token, at: deadline)
                    var events: [HostEvent] = []
                    bench.host.wait(into: &events)
                    expectEqual(events, [.timer(token)])
                    #expect(bench.host.now >= deadline)
                }
            }
        }
    }

    @Test func aPipeIsMadeLargerAndSmallerAgainWhereWhatIsInItFits() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                var ends: [Int32] = [-1, -1]
                pipe(&ends)
                let channel = bench.host.loop.open(ends[0], isOutput: true)
                let size = { fcntl(ends[1], 1032) }
                // On a busy machine it may take longer than the loop waits for it, in this turn or in the next.
                let becomes = { (bytes: Int) in
                    let limit = ContinuousClock.now + .seconds(60)
                    while !(bench.host.resizePipe(channel, to: bytes) && size() == bytes) {
                        try #require(.now < limit, "the pipe does not hold \(bytes) bytes")
                        var events: [HostEvent] = []
                        bench.host.arm(TimerToken(kind: 1), at: bench.host.now.advanced(by: .milliseconds(5)))
                        bench.host.wait(into: &events)
                    }
                }
                try becomes(256 * 1024)
                let block = [UInt8](repeating: 0, count: 100_000)
                expectEqual(write(ends[1], block, block.count), block.count)
                // EBUSY (fcntl(2)).
                expectEqual(bench.host.resizePipe(channel, to: 64 * 1024), false)
                expectEqual(size(), 256 * 1024)
                var read = 0
                try bench.turns(until: "it is read") {
                    while case .success(let bytes) = bench.readSome(channel) { read += bytes.count }
                    return read == block.count
                }
                try becomes(64 * 1024)
                bench.host.close(channel)
                expectEqual(bench.host.resizePipe(channel, to: 256 * 1024), false)
            }
        }
    }

    /// What epoll does not take counts as ready, without a loop that spins, until epoll takes it.
    @Test func aChannelThatEpollRefusesIsTriedAgain() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                var ends: [Int32] = [-1, -1]
                pipe(&ends)
                // Nothing is open under the number: epoll_ctl(2) fails. Nor does another thread of the process get it, whom the lowest one goes to.
                let number = fcntl(ends[0], F_DUPFD, 600)
                close(number)
                let channel = bench.host.loop.open(number)
                bench.host.watch(channel, readable: true, writable: false)
                var events: [HostEvent] = []
                let start = bench.host.now
                for _ in 0..<3 { bench.host.wait(into: &events) }
                expectEqual(Set(events), [.readable(channel)])
                #expect(bench.host.now >= start.advanced(by: .milliseconds(50)), "the loop spins")
                dup2(ends[0], number)
                // Taken with the next look, and there is nothing to read.
                events = []
                bench.host.arm(TimerToken(kind: 1), at: bench.host.now.advanced(by: .milliseconds(200)))
                while events.last != .timer(TimerToken(kind: 1)) { bench.host.wait(into: &events) }
                #expect(events.count <= 2, "\(events)")
                write(ends[1], "x", 1)
                events = []
                // It may have been woken for nothing.
                while events.isEmpty { bench.host.wait(into: &events) }
                expectEqual(events, [.readable(channel)])
            }
        }
    }

    @Test func closuresOfOtherThreadsRunInOrderOnTheLoopsThread() async {
        await #expect(processExitsWith: .success) {
            final class Record: Sendable {
                let values = Mutex<[Int: [Int]]>([:])
                let strangers = Atomic<Int>(0)
            }
            try withHost { bench in
                let record = Record()
                let mailbox = bench.host.mailbox
                let loopThread = pthread_self()
                for thread in 0..<4 {
                    onThread {
                        for value in 0..<2500 {
                            mailbox.submit {
                                record.values.withLock { $0[thread, default: []].append(value) }
                                if pthread_equal(pthread_self(), loopThread) == 0 {
                                    record.strangers.add(1, ordering: .relaxed)
                                }
                            }
                        }
                    }
                }
                try bench.turns(until: "all have run") {
                    record.values.withLock { $0.values.reduce(0) { $0 + $1.count } } == 10_000
                }
                for thread in 0..<4 {
                    expectEqual(record.values.withLock { $0[thread] ?? [] }, Array(0..<2500))
                }
                expectEqual(record.strangers.load(ordering: .relaxed), 0)
            }
        }
    }

    @Test func signalsAreToldByNameAndDoNothingElse() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                for signal in [Signal.term, .int, .hup, .usr1, .usr2] {
                    kill(getpid(), signal.rawValue)
                    try bench.event("\(signal)") { $0 == .signal(signal) }
                }
                kill(getpid(), SIGQUIT)
                try bench.event("SIGQUIT") { $0 == .signal(Signal(name: "SIGQUIT") ?? .kill) }
                // Nobody's child: nothing to tell.
                kill(getpid(), SIGCHLD)
                bench.host.submit {}
                var events: [HostEvent] = []
                bench.host.wait(into: &events)
                expectEqual(events, [])
            }
        }
    }

    /// Nor does a child see anything of it.
    @Test func noSignalEndsTheDaemonButAFaultOfItsOwn() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let faults = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS]
                let stops = [SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]
                for number in Int32(1)...64 where !(faults + stops).contains(number) {
                    // The test program's other threads, which libdispatch made, would take this one.
                    if number == SIGPROF { pthread_kill(pthread_self(), number) } else { kill(getpid(), number) }
                }
                let realTime: ClosedRange<Int32> = 34...64
                for number in [SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, 16, 29, 30] + Array(realTime) {
                    let signal = try #require(Signal(rawValue: number))
                    try bench.event("\(signal)") { $0 == .signal(signal) }
                }
                let (_, child) = try SpawnTests.report(bench, HostBench.request("report"))
                for set in ["SigPnd", "SigBlk", "SigIgn", "SigCgt"] { expectEqual(child[set], "0000000000000000", set) }
            }
        }
    }

    @Test func anEventOfAClosedChannelIsNotTakenForItsSuccessors() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let first = try bench.start("print", "one")
                let old = try #require(first.output)
                try bench.event("output") { $0 == .readable(old) }
                _ = try bench.end(of: first)
                bench.host.close(old)
                bench.host.close(old)
                // The lowest free number is given again.
                let second = try bench.start("print", "two")
                let new = try #require(second.output)
                expectEqual(new.descriptor, old.descriptor)
                #expect(new.generation != old.generation)
                #expect(bench.readSome(old) == .failure(.end))
                expectEqual(
                    withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) {
                        bench.host.read(old, into: $0)
                    }, .failed(ErrorNumber(EBADF)))
                bench.host.watch(old, readable: false, writable: false)
                bench.host.close(old)
                try expectEqual(bench.text(new), "two\n")
            }
        }
    }

    @Test func whatIsNotWantedIsNotTold() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("print", "x")
                let output = try #require(process.output)
                bench.host.watch(output, readable: false, writable: false)
                _ = try bench.end(of: process)
                // Readable and hung up by now.
                var events: [HostEvent] = []
                bench.host.arm(TimerToken(kind: 1), at: bench.host.now.advanced(by: .milliseconds(5)))
                bench.host.wait(into: &events)
                expectEqual(events, [.timer(TimerToken(kind: 1))])
                bench.host.watch(output, readable: true, writable: false)
                bench.host.wait(into: &events)
                expectEqual(events.last, .readable(output))
                try expectEqual(bench.text(output), "x\n")
            }
        }
    }

    @Test func aFileIsAlwaysReady() async {
        await #expect(processExitsWith: .success) {
            try withTemporaryFolder { folder in
                try withHost { bench in
                    // Standard error may be a file; epoll takes none.
                    let file = open(folder + "/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
                    let channel = bench.host.loop.open(file)
                    bench.host.watch(channel, readable: false, writable: true)
                    for _ in 0..<3 {
                        var events: [HostEvent] = []
                        bench.host.wait(into: &events)
                        expectEqual(events, [.writable(channel)])
                    }
                    bench.host.watch(channel, readable: false, writable: false)
                    bench.host.arm(TimerToken(kind: 1), at: bench.host.now.advanced(by: .milliseconds(1)))
                    var events: [HostEvent] = []
                    bench.host.wait(into: &events)
                    expectEqual(events, [.timer(TimerToken(kind: 1))])
                }
            }
        }
    }

    @Test func aHostThatIsGivenUpClosesAllItHad() async {
        await #expect(processExitsWith: .success) {
            MainThread.park()
            _ = try LinuxHost()
            let before = openDescriptorCount()
            for _ in 0..<10 {
                let host = try LinuxHost()
                let file = host.logFile(LogFileSettings(path: "/dev/null"))
                let batch = LogBatch()
                batch.bytes = Array("x\n".utf8)
                _ = file.append(batch) { _ in }
                let process = try HostBench(host).spawn(HostBench.request("exit", "0")).get()
                var events: [HostEvent] = []
                while !events.contains(.exited(process.handle)) { host.wait(into: &events) }
                _ = host.reap(process.handle)
            }
            // A thread that writes a log has it until it has written. The pool of the test runner may open one of its own meanwhile.
            let deadline = ContinuousClock.now + .seconds(20)
            while openDescriptorCount() >= before + 5, ContinuousClock.now < deadline { sched_yield() }
            if openDescriptorCount() >= before + 5 {
                Issue.record("open: \(openDescriptors().joined(separator: ", "))")
            }
        }
    }
}

extension Result where Failure == HostBench.Stop, Success == [UInt8] {
    static func == (lhs: Self, rhs: Self) -> Bool {
        switch (lhs, rhs) {
        case (.success(let left), .success(let right)): left == right
        case (.failure(let left), .failure(let right)): left == right
        default: false
        }
    }
}
