internal import CSupd
internal import Glibc
internal import SupdPlugin

/// What is known of the memory of processes, and the looks at it that are under way beside the loop.
///
/// A look that does not come back costs one thread, and says nothing: what it was for goes on without. One user's processes have a
/// part of the threads at most, so that they hide none of another's.
final class ProcessLooks {
    /// How long a look may take in all in one turn of the loop before it goes on beside it.
    static let turnLimit = Duration.milliseconds(20)
    /// How long a process may hold up a look at others.
    static let stall = Duration.milliseconds(50)
    /// For so long a process that cannot be looked at may be anybody's; from then on it is nobody's that does not show otherwise.
    static let doubtLimit = Duration.seconds(1)
    /// After so long what a process is called is looked at again.
    static let commandAge = Duration.seconds(1)

    private static let threads = 32
    private static let threadsOfAUser = 8
    private static let targetsOfARun = 64
    private static let entriesMaximum = 1024

    private struct Entry {
        /// Its image when it was looked at (`ProcStat.image`).
        var image: UInt64
        var sighting: ProcessSighting?
        var takenAt = ContinuousClock.now
        var isUnderWay = false
        /// The last mark that it has shown.
        var mark: TreeMark?
        var doubtSince: MonotonicInstant?
        /// It was in doubt for as long as anything is.
        var isGivenUp = false
        var wasTold = false
        /// The generation that it was last asked about in.
        var generation: UInt64 = 0
    }

    private let calls: BlockingCalls
    private let lookAtMemory: @Sendable (ProcessIdentity) -> ProcessSighting?
    private var lanes: [BlockingCalls.Lane]
    private var entries = [ProcessIdentity: Entry]()
    /// Those that are under way beside the loop, and when they began.
    private var runs: [(run: LookRun, since: ContinuousClock.Instant)] = []
    /// The users of processes that hold up a thread.
    private var holders = [ProcessIdentity: UInt32]()
    /// Goes up whenever entries are forgotten, and how many there are when that is next.
    private var generation: UInt64 = 0
    private var forgetsAt = ProcessLooks.entriesMaximum
    private var left = ProcessLooks.turnLimit
    /// Called where a look has come back that nobody waited for any more, on the loop's thread.
    var whenFound: () -> Void = {}

    init(
        mailbox: LoopMailbox,
        look: @escaping @Sendable (ProcessIdentity) -> ProcessSighting? = { ProcessMemory.look(at: $0) }
    ) {
        let calls = BlockingCalls(mailbox: mailbox, limit: Self.threads)
        self.calls = calls
        lookAtMemory = look
        lanes = (0..<Self.threads).map { _ in calls.makeLane() }
        supd_reserve_share()
    }

    deinit { supd_reserve_unshare() }

    /// Another turn of the loop has its own time.
    func beginTurn() { left = Self.turnLimit }

    // MARK: What is known

    /// What is known of the mark of a process that was looked at: of one that hides it the last that it has shown.
    func mark(of process: ProcStat) -> MarkSighting {
        guard let entry = entries[process.identity] else { return .hidden }
        let seen = entry.image == process.image ? entry.sighting?.mark : nil
        if case .mark? = seen { return seen ?? .hidden }
        return entry.mark.map { .mark($0) } ?? seen ?? .hidden
    }

    /// What it is called; `[NAME]` where it shows no arguments; nil where that could not be found out yet.
    func command(of process: ProcStat, name: () -> String) -> String? {
        guard let sighting = entries[process.identity]?.sighting else { return nil }
        return sighting.command ?? "[\(name())]"
    }

    /// The invocation that it has shown when it was looked at; nil where it has none.
    func invocation(of process: ProcStat) -> String? { entries[process.identity]?.sighting?.invocation }

    /// Whether a look at it has not come back.
    func isUnderWay(_ process: ProcessIdentity) -> Bool { entries[process]?.isUnderWay == true }

    /// Whether its memory could not be looked at so far.
    func isUnread(_ process: ProcStat) -> Bool {
        guard let entry = entries[process.identity] else { return true }
        return entry.sighting == nil || entry.sighting?.mark == .failed
    }

    /// Whether it may be anybody's, as it hides its mark: for a while after that was first seen.
    func isInDoubt(_ process: ProcessIdentity, now: MonotonicInstant) -> Bool {
        var entry = entries[process] ?? Entry(image: 0)
        let since = entry.doubtSince ?? now
        entry.doubtSince = since
        entry.generation = generation
        entry.isGivenUp = now.duration(since: since) >= Self.doubtLimit
        entries[process] = entry
        return !entry.isGivenUp
    }

    /// Whether it is to be told that it could not be looked at: once.
    func isNewlyGivenUp(_ process: ProcessIdentity) -> Bool {
        guard entries[process]?.wasTold == false else { return false }
        entries[process]?.wasTold = true
        return true
    }

    // MARK: Looking

    /// What a look is for.
    enum Purpose {
        /// Their marks. What was seen counts for as long as it is the same program.
        case marks
        /// Also what they are called now.
        case commands
    }

    /// Looks at processes of which that is not known, and waits for it no longer than `bound`, and than is left of this turn's time.
    /// The rest goes on beside the loop.
    func look(at processes: [ProcStat], for purpose: Purpose, within bound: Duration = ProcessLooks.turnLimit) {
        let begun = ContinuousClock.now
        let bound = min(bound, left)
        look(at: processes, for: purpose, until: begun.advanced(by: bound), perRun: bound)
        left -= min(left, ContinuousClock.now - begun)
    }

    /// The same without a limit of its own, before the loop has begun: a process that holds the others up is left alone after a while, and
    /// a machine that is busy holds up many. Not to be called in a turn.
    func lookPatiently(at processes: [ProcStat], until deadline: ContinuousClock.Instant) {
        var unread = Int.max
        while true {
            // All at once, as far as there are threads.
            look(at: processes, for: .marks, until: deadline, perRun: .zero)
            awaitArrivals(of: processes, until: deadline)
            // For some there was no thread, and there is one now. What can be looked at was, where they are not less than before.
            let left = processes.count { wants($0, .marks) }
            if left == 0 || left >= unread || ContinuousClock.now >= deadline { return }
            unread = left
        }
    }

    /// Waits for looks at processes that are under way, for as long as any come back.
    private func awaitArrivals(of processes: [ProcStat], until deadline: ContinuousClock.Instant) {
        var (awaited, since) = (Int.max, ContinuousClock.now)
        while true {
            harvest()
            let (count, now) = (processes.count { isUnderWay($0.identity) }, ContinuousClock.now)
            if count == 0 { return }
            if count < awaited { (awaited, since) = (count, now) }
            if now >= min(deadline, since.advanced(by: Self.stall * 4)) { break }
            poll(nil, 0, 1)
        }
        // What has not come holds up its thread, and is not to hold up others behind it.
        for (run, _) in runs {
            take(run)
            for target in split(run) { entries[target.identity]?.isUnderWay = false }
        }
    }

    private func look(
        at processes: [ProcStat], for purpose: Purpose, until deadline: ContinuousClock.Instant, perRun: Duration
    ) {
        let rest = takeArrived()
        prune()
        begin(rest + processes.filter { wants($0, purpose) }, until: deadline, perRun: perRun)
    }

    private func begin(_ processes: [ProcStat], until deadline: ContinuousClock.Instant, perRun: Duration) {
        var targets = processes[...]
        while !targets.isEmpty, let lane = lanes.popLast() {
            let run = LookRun(Array(targets.prefix(Self.targetsOfARun)), on: lane)
            targets = targets.dropFirst(Self.targetsOfARun)
            for target in run.targets { setUnderWay(target) }
            let bound = max(.zero, min(perRun, ContinuousClock.now.duration(to: deadline)))
            if begin(run, within: bound) {
                take(run)
                lanes.append(lane)
            } else {
                runs.append((run, .now))
                take(run)
                if bound > .zero { targets = split(run) + targets }
            }
        }
        // No thread is left: whoever asks next has another try.
        for target in targets { entries[target.identity]?.isUnderWay = false }
    }

    /// Has the looks that are under way go on past what holds them up, and takes in what was found.
    func harvest() { begin(takeArrived(), until: .now, perRun: .zero) }

    /// Takes in what was found. Answers those that are held up by others.
    private func takeArrived() -> [ProcStat] {
        let now = ContinuousClock.now
        var rest: [ProcStat] = []
        for (run, since) in runs {
            // Before the loop has begun nobody tells of it.
            if run.isOver {
                ended(run)
            } else {
                take(run)
                if since.duration(to: now) >= Self.stall { rest += split(run) }
            }
        }
        return rest
    }

    /// False where it goes on beside the loop.
    private func begin(_ run: LookRun, within bound: Duration) -> Bool {
        let look = lookAtMemory
        return calls.run(run.lane, within: bound, { run.work(look) }, then: { [weak self] in self?.ended(run) }) != nil
    }

    /// Nothing on a second call.
    private func ended(_ run: LookRun) {
        guard let place = runs.firstIndex(where: { $0.run === run }) else { return }
        take(run)
        runs.remove(at: place)
        if let last = run.close().current { holders[last.identity] = nil }
        lanes.append(run.lane)
        whenFound()
    }

    /// Ends a run with what holds it up. Answers what it has not begun.
    private func split(_ run: LookRun) -> ArraySlice<ProcStat> {
        let (current, rest) = run.close()
        if let current, entries[current.identity]?.isUnderWay == true, holders[current.identity] == nil {
            holders[current.identity] = owner(of: current.pid)
        }
        return rest
    }

    private func owner(of pid: Int32) -> UInt32 {
        var status = Glibc.stat()
        return stat("/proc/\(pid)", &status) == 0 ? status.st_uid : .max
    }

    private func wants(_ process: ProcStat, _ purpose: Purpose) -> Bool {
        if let entry = entries[process.identity] {
            entries[process.identity]?.generation = generation
            if entry.isUnderWay { return false }
            if entry.image == process.image, let sighting = entry.sighting {
                let isKnown = sighting.mark != .failed && (sighting.mark != .hidden || entry.isGivenUp)
                let isRecent = purpose == .marks || entry.takenAt.duration(to: .now) < Self.commandAge
                if isKnown && isRecent { return false }
            }
        }
        guard !holders.isEmpty else { return true }
        let user = owner(of: process.pid)
        return holders.values.count { $0 == user } < Self.threadsOfAUser
    }

    private func setUnderWay(_ target: ProcStat) {
        var entry = entries[target.identity] ?? Entry(image: target.image)
        entry.isUnderWay = true
        entry.generation = generation
        entries[target.identity] = entry
    }

    private func take(_ run: LookRun) {
        for (target, sighting) in run.takeResults() {
            guard let sighting, var entry = entries[target.identity] else {
                entries[target.identity] = nil
                continue
            }
            entry.isUnderWay = false
            entry.image = target.image
            entry.takenAt = .now
            // What is on its way out is still called what it was called.
            let command = sighting.mark == .hidden ? sighting.command ?? entry.sighting?.command : sighting.command
            entry.sighting = ProcessSighting(mark: sighting.mark, invocation: sighting.invocation, command: command)
            if case .mark(let mark) = sighting.mark { entry.mark = mark }
            if sighting.mark != .hidden {
                entry.doubtSince = nil
                entry.isGivenUp = false
            }
            entries[target.identity] = entry
        }
    }

    /// Forgets those that nobody has asked about since the last time, where they have become many.
    private func prune() {
        guard entries.count > forgetsAt else { return }
        entries = entries.filter { $0.value.isUnderWay || $0.value.generation == generation }
        generation += 1
        forgetsAt = max(Self.entriesMaximum, entries.count * 2)
    }

    /// Forgets all that is not under way.
    func forget() { entries = entries.filter(\.value.isUnderWay) }
}
