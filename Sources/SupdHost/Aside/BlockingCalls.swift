internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Threads for calls that may hang: a file system that is frozen or whose server is gone holds an open(2), a write(2) or an
/// execve(2) for as long as it likes, and no signal ends that wait.
///
/// A number of threads at most, made when they are needed and ended when they have had nothing to do for a while, so an idle
/// daemon has none. Calls of one lane are made one after the other, in their order: what hangs holds up its own lane, and costs
/// one thread. When all threads hang, calls wait; whoever asked has a deadline of its own. Each purpose has an instance of its
/// own, so that log files that hang do not hold up a spawn; and lanes that would hang together share half of the threads.
///
/// A process does not end while one of its threads hangs in that way, not even of SIGKILL. Calls that may be under way at the
/// daemon's end, and need none of its descriptors, are made apart: by threads of a process that shares the daemon's memory
/// (`supd_run_apart`). Descriptors that they open are good where `table` says the same.
final class BlockingCalls: Sendable {
    /// Whose calls keep their order.
    struct Lane: Hashable, Sendable {
        let number: UInt64
        /// With whom it shares; nil where with nobody.
        var share: Int?
    }

    /// Which table of descriptors a call finds.
    struct Table: Hashable, Sendable {
        let process: Int32
        let generation: Int
    }

    private let mailbox: LoopMailbox
    private let monitor: BlockingMonitor
    private let limit: Int
    private let isApart: Bool
    private let stackBytes: Int
    /// How long a thread with nothing to do is kept for what comes next.
    private static let idleTime = Duration.seconds(5)
    private static let usualStackBytes = 256 * 1024

    /// Calls on up to `limit` threads, at least one, whose late results come by way of `mailbox`; with `apart` those of a process of
    /// their own, whose stacks are of the usual size.
    init(mailbox: LoopMailbox, limit: Int, apart: Bool = false, stackBytes: Int = usualStackBytes) {
        self.mailbox = mailbox
        self.limit = max(1, limit)
        self.stackBytes = stackBytes
        isApart = apart
        monitor = BlockingMonitor(isApart: apart, shareLimit: max(1, limit / 2))
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

    /// A lane of its own. Costs nothing. All that are made with the same `share` have half of the threads.
    func makeLane(sharing share: Int? = nil) -> Lane { Lane(number: monitor.nextLane(), share: share) }

    /// Makes `call` on a thread beside the loop. To be called on the loop's thread.
    ///
    /// Its result, where that is there within `bound`; then `then` is never called. Else nil, and `then` is called with it on the
    /// loop's thread, inside `wait`, once it is there; that may be never. Nothing is waited for where the call has to stand in
    /// line: behind an earlier one of its lane, or because all threads are taken.
    func run<Value: Sendable>(
        _ lane: Lane, within bound: Duration = .zero, _ call: @escaping @Sendable () -> Value,
        then: @escaping (Value) -> Void
    ) -> Value? {
        result(of: start(lane, call, then: then), within: bound)
    }

    /// The same for a result that nobody waits for: `then` is called in any case, and never before this has returned.
    func run<Value: Sendable>(
        _ lane: Lane, _ call: @escaping @Sendable () -> Value, told then: @escaping (Value) -> Void
    ) {
        let job = start(lane, call, then: then)
        // Those before it in the lane were told when they ended, and so before it began.
        if monitor.result(of: job, within: .zero) != nil { job.tell() }
    }

    /// Begins what `result` waits for, as often as need be. `then` is called where a wait was in vain, as by `run`.
    func start<Value: Sendable>(
        _ lane: Lane, _ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void
    ) -> BlockingJob<Value> {
        mailbox.thread.assertIsCurrent()
        let job = BlockingJob(call, mailbox: mailbox, then: then)
        switch monitor.add(job, to: lane, limit: limit) {
        case .queued: job.standsInLine = true
        case .queuedBehindThread:
            job.standsInLine = true
            _ = startThread()
        case .taken: break
        case .needsThread:
            // Where not one thread can be had (RLIMIT_NPROC), a call that may hang is better than one that is never made.
            if !startThread(), monitor.takeBack(job, of: lane) { job.performHere() }
        }
        return job
    }

    /// The result of what was started, where it is there within `bound` and was not told; then it never is. Nothing is waited for of what
    /// had to stand in line.
    func result<Value>(of job: BlockingJob<Value>, within bound: Duration) -> Value? {
        mailbox.thread.assertIsCurrent()
        guard let value = monitor.result(of: job, within: job.standsInLine ? .zero : bound) else { return nil }
        return job.take() ? value : nil
    }

    private func startThread() -> Bool {
        guard isApart else { return Self.startThread(monitor, stackBytes: stackBytes) || monitor.threadFailed() }
        let apart = Apart(monitor: monitor, kept: mailbox.descriptor, limit: limit)
        return !monitor.askForThread() || Self.startProcess(apart)
    }

    /// A process of its own.
    final class Apart: @unchecked Sendable {
        fileprivate let monitor: BlockingMonitor
        /// The descriptor that it has of the daemon's.
        fileprivate let kept: Int32
        /// How many threads it has at most.
        let limit: Int
        /// Its leader has come to its end by itself. With the monitor's lock.
        var hasParted = false

        init(monitor: BlockingMonitor, kept: Int32, limit: Int) {
            self.monitor = monitor
            self.kept = kept
            self.limit = limit
        }
    }

    /// Answers as `threadFailed` where there is none.
    private static func startProcess(_ apart: Apart) -> Bool {
        let owned = Unmanaged.passRetained(apart)
        let error = supd_run_apart(
            { argument, isApart in
                guard let argument else { return }
                let apart = Unmanaged<Apart>.fromOpaque(argument).takeUnretainedValue()
                apart.monitor.lead(apart, isApart: isApart != 0)
            },
            { argument in
                guard let argument else { return }
                let apart = Unmanaged<Apart>.fromOpaque(argument).takeRetainedValue()
                guard apart.monitor.processEnded(apart) else { return }
                // Where there can be none, whoever is asked next tries it again.
                _ = BlockingCalls.startProcess(
                    Apart(monitor: apart.monitor, kept: apart.kept, limit: apart.limit))
            }, owned.toOpaque(), apart.kept)
        guard error != 0 else { return true }
        owned.release()
        return apart.monitor.leaderFailed()
    }

    static func startThread(_ monitor: BlockingMonitor, stackBytes: Int = usualStackBytes) -> Bool {
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
                Unmanaged<BlockingMonitor>.fromOpaque(argument).takeRetainedValue().work(
                    idleTime: BlockingCalls.idleTime)
                return nil
            }, owned.toOpaque())
        if error != 0 { owned.release() }
        return error == 0
    }
}
