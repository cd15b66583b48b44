internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Threads for calls that may hang: a file system that is frozen or whose server is gone holds an open(2), a write(2) or an
/// execve(2) for as long as it likes, and no signal ends that wait.
///
/// A number of threads at most, made when they are needed and ended when they have had nothing to do for a while, so an idle
/// daemon has none. Calls of one lane are made one after the other, in their order: what hangs holds up its own lane, and costs
/// one thread. When all threads hang, calls wait; whoever asked has a deadline of its own. Each purpose has an instance of its
/// own, so that log files that hang do not hold up a spawn.
///
/// A process does not end while one of its threads hangs in that way, not even of SIGKILL. Calls that may be under way at the
/// daemon's end, and need none of its descriptors, are made apart: by threads of a process that shares the daemon's memory
/// (`supd_run_apart`). Descriptors that they open are good where `table` says the same.
final class BlockingCalls: Sendable {
    /// Whose calls keep their order.
    struct Lane: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    /// Which table of descriptors a call finds.
    struct Table: Hashable, Sendable {
        let process: Int32
        let generation: Int
    }

    private let mailbox: LoopMailbox
    private let monitor = Monitor()
    private let limit: Int
    private let isApart: Bool
    /// How long a thread with nothing to do is kept for what comes next.
    private static let idleTime = Duration.seconds(5)
    private static let stackBytes = 256 * 1024

    /// Calls on up to `limit` threads, at least one, whose late results come by way of `mailbox`; with `apart` those of a process of
    /// their own.
    init(mailbox: LoopMailbox, limit: Int, apart: Bool = false) {
        self.mailbox = mailbox
        self.limit = max(1, limit)
        isApart = apart
    }

    deinit { monitor.stop(within: .zero) }

    /// Has the threads end with what they have to do, and waits for that, at most so long.
    func stop(within bound: Duration) { monitor.stop(within: bound) }

    /// The table of the call that asks.
    var table: Table { Table(process: getpid(), generation: monitor.generation) }

    /// The process of its own that calls are made in, while there is one.
    var process: Int32? { monitor.process }

    /// Keeps that process, which else ends with its last thread, for what is to stay open in it. Until as many calls of `letGo`.
    func hold() { monitor.hold(1) }

    /// Takes a `hold` back.
    func letGo() { monitor.hold(-1) }

    /// A lane of its own. Costs nothing.
    func makeLane() -> Lane { Lane(number: monitor.nextLane()) }

    /// Makes `call` on a thread beside the loop. To be called on the loop's thread.
    ///
    /// Its result, where that is there within `bound`; then `then` is never called. Else nil, and `then` is called with it on the
    /// loop's thread, inside `wait`, once it is there; that may be never. Nothing is waited for where the call has to stand in
    /// line: behind an earlier one of its lane, or because all threads are taken.
    func run<Value: Sendable>(
        _ lane: Lane, within bound: Duration = .zero, _ call: @escaping @Sendable () -> Value,
        then: @escaping (Value) -> Void
    ) -> Value? {
        let late = Late(then)
        let mailbox = mailbox
        let job = Job<Value>(call) { value in mailbox.submit { late.then(value) } }
        switch monitor.add(job, to: lane, limit: limit) {
        case .queued: return monitor.leave(job)
        case .taken: break
        case .needsThread:
            if !startThread(), monitor.takeBack(job, of: lane) {
                // Not one thread can be had (RLIMIT_NPROC): a call that may hang is better than one that is never made.
                return call()
            }
        }
        monitor.await(job, within: bound)
        return monitor.leave(job)
    }

    private func startThread() -> Bool {
        guard isApart else { return Self.startThread(monitor) || monitor.threadFailed() }
        guard monitor.askForThread() else { return true }
        let owned = Unmanaged.passRetained(monitor)
        let error = supd_run_apart(
            { argument, isApart in
                guard let argument else { return }
                Unmanaged<Monitor>.fromOpaque(argument).takeUnretainedValue().lead(isApart: isApart != 0)
            },
            { argument in
                guard let argument else { return }
                Unmanaged<Monitor>.fromOpaque(argument).takeRetainedValue().processEnded()
            }, owned.toOpaque(), mailbox.descriptor)
        guard error != 0 else { return true }
        owned.release()
        return monitor.leaderFailed()
    }

    fileprivate static func startThread(_ monitor: Monitor) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        var thread = pthread_t()
        let owned = Unmanaged.passRetained(monitor)
        // Signals that the daemon takes are blocked in its first thread, and so in every other.
        let error = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Monitor>.fromOpaque(argument).takeRetainedValue().work(idleTime: BlockingCalls.idleTime)
                return nil
            }, owned.toOpaque())
        if error != 0 { owned.release() }
        return error == 0
    }
}

/// Holds what is called on the loop's thread only; it passes through other threads untouched.
private final class Late<Value>: @unchecked Sendable {
    let then: (Value) -> Void

    init(_ then: @escaping (Value) -> Void) { self.then = then }
}

/// One call. Its fields belong to the monitor's lock, but for `call`, which the thread that took it runs.
private class AnyJob: @unchecked Sendable {
    /// Nobody waits any more: the end is told.
    var isLeft = false
    var isDone = false

    func perform() {}
    func tell() {}
}

private final class Job<Value: Sendable>: AnyJob, @unchecked Sendable {
    private let call: @Sendable () -> Value
    private let late: @Sendable (Value) -> Void
    var value: Value?

    init(_ call: @escaping @Sendable () -> Value, late: @escaping @Sendable (Value) -> Void) {
        self.call = call
        self.late = late
    }

    override func perform() { value = call() }

    override func tell() {
        if let value { late(value) }
    }
}

/// The jobs that wait, and the threads that take them, behind one lock that is never held while a call is made.
private final class Monitor: @unchecked Sendable {
    enum Standing {
        /// It has to stand in line.
        case queued
        /// A thread that is there takes it.
        case taken
        /// It is taken once one more thread is started.
        case needsThread
    }

    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// There is a job to take.
    private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// The leader is to start a thread, or may end.
    private let asked = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// A job that somebody waits for is done; or the last thread.
    private let finished = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var lines: [BlockingCalls.Lane: [AnyJob]] = [:]
    /// Lanes with a job to take and none under way, the one that has waited longest first.
    private var ready: [BlockingCalls.Lane] = []
    private var threads = 0
    private var idle = 0
    private var lastLane: UInt64 = 0
    private var isStopped = false
    /// Threads that the leader of a process of its own has not started yet.
    private var wanted = 0
    private var hasLeader = false
    private var holders = 0
    /// Processes of their own that are not gone yet; the latest, and how many there have been.
    private var processes = 0
    private var latest: Int32?
    private var leaders = 0

    init() {
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A wall clock that is set must neither end nor prolong a wait.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrived, &attributes)
        pthread_cond_init(finished, &attributes)
        pthread_cond_init(asked, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrived)
        pthread_cond_destroy(finished)
        pthread_cond_destroy(asked)
        pthread_mutex_destroy(lock)
        lock.deallocate()
        arrived.deallocate()
        finished.deallocate()
        asked.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    // MARK: The loop's side

    func nextLane() -> UInt64 {
        locked {
            lastLane += 1
            return lastLane
        }
    }

    func add(_ job: AnyJob, to lane: BlockingCalls.Lane, limit: Int) -> Standing {
        locked {
            // The first of a line is under way, or about to be.
            let isFirst = lines[lane] == nil
            lines[lane, default: []].append(job)
            guard isFirst else { return .queued }
            ready.append(lane)
            if idle >= ready.count {
                pthread_cond_signal(arrived)
                return .taken
            }
            guard threads < limit else { return .queued }
            threads += 1
            return .needsThread
        }
    }

    /// A thread could not be started. Whether others are there, who take what waits once they are free.
    func threadFailed() -> Bool {
        locked {
            threads -= 1
            return threads > 0
        }
    }

    /// Takes out a job that no thread has taken. False where one has.
    func takeBack(_ job: AnyJob, of lane: BlockingCalls.Lane) -> Bool {
        locked {
            guard let place = ready.firstIndex(of: lane), lines[lane]?.first === job else { return false }
            ready.remove(at: place)
            lines[lane] = nil
            return true
        }
    }

    /// Waits for the end of a job, at most so long.
    func await(_ job: AnyJob, within bound: Duration) {
        guard bound > .zero else { return }
        var deadline = Self.deadline(after: bound)
        locked {
            while !job.isDone, pthread_cond_timedwait(finished, lock, &deadline) == 0 {}
        }
    }

    /// The result of a job where it is there; else its end will be told.
    func leave<Value>(_ job: Job<Value>) -> Value? {
        locked {
            if job.isDone { return job.value }
            job.isLeft = true
            return nil
        }
    }

    func stop(within bound: Duration) {
        var deadline = Self.deadline(after: bound)
        locked {
            isStopped = true
            pthread_cond_broadcast(arrived)
            pthread_cond_signal(asked)
            guard bound > .zero else { return }
            while threads > 0 || processes > 0, pthread_cond_timedwait(finished, lock, &deadline) == 0 {}
        }
    }

    // MARK: A process of its own

    var process: Int32? { locked { processes > 0 ? latest : nil } }

    var generation: Int { locked { leaders } }

    func hold(_ count: Int) {
        locked {
            holders += count
            pthread_cond_signal(asked)
        }
    }

    /// Asks for one thread more. Whether there has to be a leader first.
    func askForThread() -> Bool {
        locked {
            wanted += 1
            pthread_cond_signal(asked)
            guard !hasLeader else { return false }
            hasLeader = true
            processes += 1
            return true
        }
    }

    /// There is no leader after all. Answers as `threadFailed`.
    func leaderFailed() -> Bool {
        locked {
            hasLeader = false
            processes -= 1
            threads -= wanted
            wanted = 0
            return threads > 0
        }
    }

    /// What the first thread of a process of its own does: starts those that are wanted, until there are none.
    func lead(isApart: Bool) {
        locked {
            guard isApart else { return }
            leaders += 1
            latest = getpid()
        }
        while isWanted() {
            // Where it cannot, it does the work itself: nobody else is there perhaps.
            if !BlockingCalls.startThread(self) { work(idleTime: .zero) }
        }
    }

    /// Waits until one more thread is wanted; false where all have ended, and the leader is to.
    private func isWanted() -> Bool {
        locked {
            while wanted == 0 && (threads > 0 || holders > 0 && !isStopped) { pthread_cond_wait(asked, lock) }
            guard wanted == 0 else {
                wanted -= 1
                return true
            }
            hasLeader = false
            return false
        }
    }

    /// A process of its own is gone.
    func processEnded() {
        locked {
            processes -= 1
            pthread_cond_broadcast(finished)
        }
    }

    // MARK: The threads' side

    /// What a thread does: job after job, until there was none for `idleTime`.
    func work(idleTime: Duration) {
        while let (lane, job) = take(idleTime: idleTime) {
            job.perform()
            // Before another thread may take the next of the lane, and tell of that first.
            if end(job) { job.tell() }
            passOn(lane)
        }
    }

    private func take(idleTime: Duration) -> (BlockingCalls.Lane, AnyJob)? {
        locked {
            var deadline = Self.deadline(after: idleTime)
            while ready.isEmpty, !isStopped {
                idle += 1
                let result = pthread_cond_timedwait(arrived, lock, &deadline)
                idle -= 1
                if result != 0 { break }
            }
            while !ready.isEmpty {
                let lane = ready.removeFirst()
                if let job = lines[lane]?.first { return (lane, job) }
            }
            threads -= 1
            pthread_cond_signal(asked)
            pthread_cond_broadcast(finished)
            return nil
        }
    }

    /// A job is done. Whether its end is to be told.
    private func end(_ job: AnyJob) -> Bool {
        locked {
            job.isDone = true
            if !job.isLeft { pthread_cond_broadcast(finished) }
            return job.isLeft
        }
    }

    private func passOn(_ lane: BlockingCalls.Lane) {
        locked {
            lines[lane]?.removeFirst()
            if lines[lane]?.isEmpty == true {
                lines[lane] = nil
            } else {
                // Behind those of the other lanes that wait; this thread, or one that is free, takes it.
                ready.append(lane)
                pthread_cond_signal(arrived)
            }
        }
    }

    private static func deadline(after time: Duration) -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let nanoseconds = Int64(now.tv_nsec) + max(0, time.clampedNanoseconds)
        return timespec(
            tv_sec: now.tv_sec + Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
