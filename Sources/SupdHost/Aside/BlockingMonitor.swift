internal import Glibc
internal import SupdPlugin

/// The jobs that wait, and the threads that take them, behind one lock that is never held while a call is made.
final class BlockingMonitor: @unchecked Sendable {
    enum Standing {
        /// It has to stand in line.
        case queued
        /// It has to, and one thread more is to be started for those of other lanes.
        case queuedBehindThread
        /// A thread that is there takes it.
        case taken
        /// It is taken once one more thread is started.
        case needsThread
    }

    private let lock: RobustLock
    /// Threads that wait for a job to take.
    private let idle = Sleepers()
    /// The leader, until it is to start a thread, or may end.
    private let leader = Sleepers()
    /// A job that somebody waits for is done; or the last thread. Only the loop's thread waits for it.
    private let finished = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var lines = [BlockingCalls.Lane: [AnyBlockingJob]]()
    /// Lanes with a job to take and none under way, the one that has waited longest first.
    private var ready: [BlockingCalls.Lane] = []
    /// Of those that share, how many are ready or have a job under way; and the others, which wait until there are fewer.
    private var active = [Int: Int]()
    private var held = [Int: [BlockingCalls.Lane]]()
    private let shareLimit: Int
    private var threads = 0
    /// Those of them that make a call. Each other one takes what waits, or is about to.
    private var busy = 0
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

    /// `isApart` where the threads are a process's of their own. Of lanes that share no more than `shareLimit` have a thread at a time.
    init(isApart: Bool, shareLimit: Int) {
        self.shareLimit = shareLimit
        lock = RobustLock(isShared: isApart)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A wall clock that is set must neither end nor prolong a wait.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(finished, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(finished)
        finished.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        lock.withLock(body)
    }

    // MARK: The loop's side

    func nextLane() -> UInt64 {
        locked {
            lastLane += 1
            return lastLane
        }
    }

    func add(_ job: AnyBlockingJob, to lane: BlockingCalls.Lane, limit: Int) -> Standing {
        locked {
            // The first of a line is under way, or about to be.
            let isFirst = lines[lane] == nil
            lines[lane, default: []].append(job)
            if isFirst, !makeReady(lane) { return .queued }
            if isFirst, threads - busy >= ready.count {
                idle.wakeOne()
                return .taken
            }
            // For what waits beside it as well, where a thread could not be started, or those that were there are dead.
            guard threads - busy < ready.count, threads < limit else { return .queued }
            threads += 1
            return isFirst ? .needsThread : .queuedBehindThread
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
    func takeBack(_ job: AnyBlockingJob, of lane: BlockingCalls.Lane) -> Bool {
        locked {
            guard let place = ready.firstIndex(of: lane), lines[lane]?.first === job else { return false }
            ready.remove(at: place)
            lines[lane] = nil
            giveBack(lane)
            return true
        }
    }

    /// The result of a job, where it is there within `bound`; else its end will be told.
    func result<Value>(of job: BlockingJob<Value>, within bound: Duration) -> Value? {
        var deadline = bound > .zero ? Self.deadline(after: bound) : timespec()
        return locked {
            while !job.isDone, bound > .zero, lock.wait(for: finished, until: &deadline) {}
            if job.isDone { return job.value }
            job.isLeft = true
            return nil
        }
    }

    func stop(within bound: Duration) {
        var deadline = Self.deadline(after: bound)
        locked {
            isStopped = true
            idle.wakeAll()
            leader.wakeOne()
            guard bound > .zero else { return }
            while threads > 0 || processes > 0, lock.wait(for: finished, until: &deadline) {}
        }
    }

    // MARK: A process of its own

    var process: Int32? { locked { processes > 0 ? latest : nil } }

    var generation: Int { locked { leaders } }

    func hold(_ count: Int) {
        locked {
            holders += count
            leader.wakeOne()
        }
    }

    /// Asks for one thread more. Whether there has to be a leader first.
    func askForThread() -> Bool {
        locked {
            wanted += 1
            leader.wakeOne()
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
    func lead(_ apart: BlockingCalls.Apart, isApart: Bool) {
        locked {
            guard isApart else { return }
            leaders += 1
            latest = getpid()
        }
        while isWanted(apart) {
            // Where it cannot, it does the work itself: nobody else is there perhaps.
            if !BlockingCalls.startThread(self) { work(idleTime: .zero) }
        }
    }

    /// Waits until one more thread is wanted; false where all have ended, and the leader is to.
    private func isWanted(_ apart: BlockingCalls.Apart) -> Bool {
        while true {
            let isWanted: Bool? = locked {
                if wanted > 0 {
                    wanted -= 1
                    return true
                }
                guard threads > 0 || holders > 0 && !isStopped else {
                    hasLeader = false
                    apart.hasParted = true
                    return false
                }
                leader.willSleep()
                return nil
            }
            if let isWanted { return isWanted }
            let isWoken = leader.sleep(until: nil)
            locked { leader.hasSlept(isWoken: isWoken) }
        }
    }

    /// A process of its own is gone. Whether there has to be another: somebody has killed it, with calls under way or waiting, and these
    /// are made anew.
    func processEnded(_ apart: BlockingCalls.Apart) -> Bool {
        locked {
            processes -= 1
            defer { pthread_cond_broadcast(finished) }
            if apart.hasParted { return false }
            // Those that were there were its own.
            (hasLeader, threads, busy, wanted) = (false, 0, 0, 0)
            idle.forget()
            leader.forget()
            let all = ready + lines.keys.filter { !ready.contains($0) }
            (ready, active, held) = ([], [:], [:])
            for lane in all { _ = makeReady(lane) }
            guard !ready.isEmpty, !isStopped else { return false }
            threads = min(apart.limit, ready.count)
            (hasLeader, wanted) = (true, threads)
            processes += 1
            return true
        }
    }

    // MARK: The threads' side

    /// What a thread does: job after job, until there was none for `idleTime`.
    func work(idleTime: Duration) {
        while let (lane, job) = take(idleTime: idleTime) {
            // Of one whose thread was killed only the telling may be left.
            if !job.isDone { job.perform() }
            guard end(job, of: lane) else { continue }
            // Before another thread may take the next of the lane, and tell of that first.
            job.tell()
            locked { passOn(lane) }
        }
    }

    private func take(idleTime: Duration) -> (BlockingCalls.Lane, AnyBlockingJob)? {
        let deadline = Self.deadline(after: idleTime)
        var isOver = false
        while true {
            var job: (BlockingCalls.Lane, AnyBlockingJob)?
            let sleeps = locked {
                job = next()
                if job != nil { return false }
                guard !isOver, !isStopped else {
                    threads -= 1
                    leader.wakeOne()
                    pthread_cond_broadcast(finished)
                    return false
                }
                idle.willSleep()
                return true
            }
            guard sleeps else { return job }
            let isWoken = idle.sleep(until: deadline)
            isOver = !isWoken
            locked { idle.hasSlept(isWoken: isWoken) }
        }
    }

    /// The job that is to be made now. With the lock.
    private func next() -> (BlockingCalls.Lane, AnyBlockingJob)? {
        while !ready.isEmpty {
            let lane = ready.removeFirst()
            guard let job = lines[lane]?.first else { continue }
            busy += 1
            return (lane, job)
        }
        return nil
    }

    /// A job is done. Whether its end is to be told, and its lane to be passed on then: whoever waits for it finds the lane free.
    private func end(_ job: AnyBlockingJob, of lane: BlockingCalls.Lane) -> Bool {
        locked {
            job.isDone = true
            // Who left it may wait for it again.
            pthread_cond_broadcast(finished)
            guard !job.isLeft else { return true }
            passOn(lane)
            return false
        }
    }

    /// The thread is free again, and the next of the lane has its turn. With the lock.
    private func passOn(_ lane: BlockingCalls.Lane) {
        busy -= 1
        lines[lane]?.removeFirst()
        let isOver = lines[lane]?.isEmpty == true
        if isOver { lines[lane] = nil }
        giveBack(lane)
        // Behind those of the other lanes that wait; this thread, or one that is free, takes it.
        if !isOver, makeReady(lane) { idle.wakeOne() }
    }

    /// Has a lane with a job to take stand in line, or wait for those that it shares with: false then. With the lock.
    private func makeReady(_ lane: BlockingCalls.Lane) -> Bool {
        if let share = lane.share {
            guard active[share, default: 0] < shareLimit else {
                held[share, default: []].append(lane)
                return false
            }
            active[share, default: 0] += 1
        }
        ready.append(lane)
        return true
    }

    /// A lane is not ready any more and has no job under way: another of those that it shares with has its turn. With the lock.
    private func giveBack(_ lane: BlockingCalls.Lane) {
        guard let share = lane.share, let count = active[share] else { return }
        active[share] = count > 1 ? count - 1 : nil
        guard let next = held[share]?.first else { return }
        held[share]?.removeFirst()
        if held[share]?.isEmpty == true { held[share] = nil }
        if makeReady(next) { idle.wakeOne() }
    }

    private static func deadline(after time: Duration) -> timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let nanoseconds = Int64(now.tv_nsec) + max(0, time.clampedNanoseconds)
        return timespec(
            tv_sec: now.tv_sec + Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
