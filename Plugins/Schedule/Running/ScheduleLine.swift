import SupdPlugin

/// One schedule while the daemon runs: a pure machine, which is told the time and answers what to do.
struct ScheduleLine: Sendable {
    /// A run that is noticed later than this was missed: the machine was asleep, or its clock was set.
    static let punctuality: Duration = .seconds(120)
    /// A clock that is put back by more than this was wrong before (cron(8)); by less, nothing runs a second time for it.
    static let greatestStepBack: Duration = .seconds(3 * 3600)
    /// The same for what runs in every hour, which would be silent meanwhile.
    static let greatestStepBackHourly: Duration = .seconds(60)

    /// What becomes of a run whose time has come.
    enum Turn: Hashable {
        case run
        /// It is made up for something missed.
        case makeUp
        /// It is left out: its time is long over.
        case leaveOut
    }

    /// What to do for a run.
    enum Decision: Hashable {
        case start, restart
        /// The run waits for the end of the one before.
        case wait
        /// It is left out. Only the first of a row is news.
        case skip(isFirst: Bool)
    }

    let entry: ScheduleEntry
    private let zone: CivilTime
    /// Its next run; nil where none comes.
    private(set) var next: DueTime?
    private(set) var lastStart: WallTime?
    /// What was due up to here is dealt with.
    private(set) var accounted: WallTime?
    private(set) var skipped = 0
    private(set) var missed = 0
    /// Whether a run waits for the service's end.
    private(set) var isWaiting = false
    private var isSkipping = false
    private var isMakingUp = false
    private var hasBegun = false

    init(_ entry: ScheduleEntry, zone: CivilTime) {
        self.entry = entry
        self.zone = zone
    }

    // MARK: Times

    /// The daemon begins, or goes on after a drain that was undone. `record` is until when an earlier daemon dealt with it.
    /// Answers whether a run that was due meanwhile is left out.
    mutating func begin(_ now: Moment, record: WallTime?, random: () -> Double) -> Bool {
        defer { hasBegun = true }
        // What is to come is no run that was missed: the clock was wrong.
        let known = (accounted ?? record).map { min($0, now.wall) }
        accounted = known ?? now.wall
        if entry.isAtStart, !hasBegun {
            next = due(.elapsed(now.elapsed), random)
        } else if let known, let makeUp = makeUp(now, since: known, random: random) {
            next = makeUp
        } else if !hasBegun {
            setNext(now, random: random)
        } else if let due = next, due.remaining(now) <= .zero {
            missed += 1
            setNext(now, random: random)
            return true
        }
        return false
    }

    /// The run that makes up for what was due since `known`, or, of an interval, the rest of it.
    private mutating func makeUp(_ now: Moment, since known: WallTime, random: () -> Double) -> DueTime? {
        guard entry.missed == .run else { return nil }
        switch entry.trigger {
        case .never: return nil
        case .cron(let expression, _):
            let second = CivilTime.floor(known.nanoseconds, 1_000_000_000)
            guard let first = expression.next(after: second, in: zone), first <= now.seconds else { return nil }
        case .every(let interval):
            let rest = interval - now.wall.duration(since: known)
            guard rest <= .zero else { return due(.elapsed(now.elapsed.advanced(by: rest)), random) }
        }
        isMakingUp = true
        missed += 1
        return due(.elapsed(now.elapsed), random)
    }

    /// The clock was set between `earlier` and `now`: what it shows is not what has passed.
    mutating func clockMoved(from earlier: Moment, to now: Moment, random: () -> Double) {
        guard case .cron(let expression, _) = entry.trigger, case .wall? = next?.rule else { return }
        let back = earlier.wall.duration(since: now.wall)
        guard back > (expression.isHourly ? Self.greatestStepBackHourly : Self.greatestStepBack) else { return }
        accounted = accounted.map { min($0, now.wall) }
        setNext(now, random: random)
    }

    /// What becomes of its run, where its time has come; the next time is set. Nil where it has not.
    mutating func turn(_ now: Moment, random: () -> Double) -> Turn? {
        guard let due = next, due.remaining(now) <= .zero else { return nil }
        defer { isMakingUp = false }
        let isLate = due.remaining(now) < .zero - Self.punctuality && hasRule
        setNext(now, after: due, random: random)
        if isMakingUp { return .makeUp }
        guard isLate else { return .run }
        missed += 1
        return entry.missed == .run ? .makeUp : .leaveOut
    }

    private var hasRule: Bool { entry.trigger != .never }

    private mutating func setNext(_ now: Moment, after due: DueTime? = nil, random: () -> Double) {
        switch entry.trigger {
        case .never: next = nil
        case .cron(let expression, _):
            next = expression.next(after: now.seconds, in: zone).map { self.due(.wall($0), random) }
        case .every(let interval):
            var instant = now.elapsed.advanced(by: interval)
            if case .elapsed(let last)? = due?.rule {
                let steady = last.advanced(by: interval)
                if steady > now.elapsed { instant = steady }
            }
            next = self.due(.elapsed(instant), random)
        }
    }

    private func due(_ rule: DueTime.Rule, _ random: () -> Double) -> DueTime {
        guard entry.jitter > .zero else { return DueTime(rule: rule, delay: .zero) }
        let chance = random()
        // What is no number is not over 0. The product may be rounded up.
        let delay = entry.jitter * (chance > 0 ? min(chance, 1) : 0)
        return DueTime(rule: rule, delay: min(delay, entry.jitter))
    }

    // MARK: Runs

    /// What to do for a run, where the service runs or not. Runs by order count for no schedule.
    mutating func decide(isBusy: Bool, _ now: Moment, byOrder: Bool) -> Decision {
        guard isBusy else { return .start }
        switch entry.overlap {
        case .kill: return .restart
        case .queue where !isWaiting:
            isWaiting = true
            return .wait
        case .queue, .skip:
            skipped += 1
            // Left out for good; of those that wait in a queue, one is to be made up for if supd goes down before.
            if entry.overlap == .skip, !byOrder { accounted = now.wall }
            defer { isSkipping = true }
            return .skip(isFirst: !isSkipping)
        }
    }

    /// The service was started. Runs by order count for no schedule.
    mutating func started(_ now: Moment, byOrder: Bool) {
        lastStart = now.wall
        isWaiting = false
        isSkipping = false
        if !byOrder { accounted = now.wall }
    }

    /// Nothing waits any more.
    mutating func drop() { isWaiting = false }
}
