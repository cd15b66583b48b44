package import SupdPlugin

extension DrainBudget {
    /// What a phase may take.
    fileprivate func budget(of phase: DrainPhase) -> Duration {
        switch phase {
        case .announce: timeout
        case .quiesce: quiesce
        case .jobs: jobs
        case .services: services
        case .flush: flush
        }
    }
}

/// The shutdown: one visible, bounded, explained walk through the phases.
///
/// A phase begins with its action (`.enter`), and ends when nothing of it lives. At its budget what still lives is
/// cancelled, `grace` later abandoned, and the walk goes on. Time left over in one phase is not given to the next,
/// and at the absolute deadline everything left is abandoned at once. Whoever owns this machine calls `advance`
/// whenever something has ended and at `deadline`, and each time until it answers nothing: what a phase begins with
/// must be done before it can be seen to be empty, so one call passes one phase at most.
///
/// After a second signal little time is left, and it is shared out: the phases before the services are cancelled as
/// they begin, and must be over early enough that the services still have theirs to go in peace, and to be killed in.
package struct DrainMachine: Sendable {
    /// How long a cancelled task has before it is abandoned; before the services no more than a quarter of what is left.
    package static let grace: Duration = .seconds(3)
    /// What is left at most after a second signal.
    package static let escalatedLimit: Duration = .seconds(5)
    /// What is left at most after a third, for the report and the end.
    package static let forcedLimit: Duration = .milliseconds(400)

    /// Where the walk is.
    package enum Stage: Hashable, Sendable {
        /// No drain.
        case idle
        /// In a phase.
        case phase(DrainPhase)
        /// All services are down, and the daemon stays up as it was asked to (`supervisor.drain`).
        case held
        /// Over.
        case finished
    }

    /// How a phase ended.
    package enum Outcome: String, Hashable, Sendable {
        /// Everything in it ended.
        case completed
        /// Something in it had to be cancelled, and then ended.
        case cancelled
        /// Something in it had to be abandoned.
        case abandoned
        /// A second or third signal has cut it short.
        case forced
    }

    /// One phase that is over.
    package struct PhaseRecord: Hashable, Sendable {
        /// Which.
        package var phase: DrainPhase
        /// How long it took.
        package var duration: Duration
        /// How it ended.
        package var outcome: Outcome
    }

    /// Where the walk is.
    package private(set) var stage = Stage.idle
    /// When it began.
    package private(set) var startedAt = MonotonicInstant(nanoseconds: 0)
    /// When it ends whatever happens.
    package private(set) var absoluteDeadline = MonotonicInstant(nanoseconds: .max)
    /// The phases that are over.
    package private(set) var records: [PhaseRecord] = []
    /// Whether it was forced: the exit code is 77.
    package private(set) var forced = false
    /// Whether a second or third signal has cut it short.
    package var isCutShort: Bool { forced || escalation != nil }
    /// Whether what is left of the services has a grace at most: the time of their phase is over, or nothing has any.
    package var servicesAreOutOfTime: Bool {
        switch stage {
        case .idle: false
        case .phase(let phase) where phase < .services: forced
        case .phase(.services): forced || cancelledAt != nil
        case .phase, .held, .finished: true
        }
    }
    /// Whether the daemon ends when the services are down. Once true it stays so.
    package private(set) var exits = true
    /// When `advance` is wanted next; nil while there is nothing to wait for.
    package private(set) var deadline: MonotonicInstant?

    /// What each phase may take.
    package let budget: DrainBudget
    private var phaseStartedAt = MonotonicInstant(nanoseconds: 0)
    private var cancelledAt: MonotonicInstant?
    /// Set by a second signal.
    private var escalation: DrainEscalation?

    /// A machine at rest.
    package init(budget: DrainBudget) {
        self.budget = budget
    }

    /// Begins the walk. With `exits` false it holds when the services are down, and the daemon stays up; a later call
    /// with true lets it go on to the end. Any other second call changes nothing: the first order is never replaced
    /// by a later, longer one.
    package mutating func begin(exits: Bool, now: MonotonicInstant) -> [DrainAction] {
        switch stage {
        case .idle:
            self.exits = exits
            startedAt = now
            absoluteDeadline = now.advanced(by: budget.timeout)
            return enter(.announce, now: now)
        case .held where exits:
            self.exits = true
            // Holding has no limit, so the deadline of the first order means nothing any more: what is left gets its
            // budget, and its grace.
            absoluteDeadline = now.advanced(by: budget.flush).advanced(by: Self.grace)
            return [.announce] + enter(.flush, now: now)
        case .phase where exits && !self.exits:
            self.exits = true
            return [.announce]
        case .held, .phase, .finished:
            return []
        }
    }

    /// Undoes a drain that holds; true where it did. One that still walks, or has passed on to the end, goes on.
    package mutating func resume() -> Bool {
        guard stage == .held else { return false }
        self = DrainMachine(budget: budget)
        return true
    }

    /// Moves on, by one phase at most. `live` answers how many tasks of a phase still live. Answers nothing where
    /// there is nothing to do before the next end of a task or `deadline`.
    package mutating func advance(now: MonotonicInstant, live: (DrainPhase) -> Int) -> [DrainAction] {
        guard case .phase(let phase) = stage else { return [] }
        if live(phase) == 0 { return leave(phase, as: cancelledAt == nil ? .completed : .cancelled, now: now) }
        if now >= end(of: phase) {
            return [.abandon(phase)] + leave(phase, as: .abandoned, now: now)
        }
        // Cancelled once is enough.
        guard cancelledAt == nil else { return [] }
        guard now >= cancelTime(of: phase) else { return [] }
        return cancel(phase, now: now)
    }

    /// A second signal: cancels the phase, caps what is left, and shares it out. Nothing where no drain is under way.
    package mutating func escalate(now: MonotonicInstant) -> [DrainAction] {
        guard case .phase(let phase) = stage else { return [] }
        absoluteDeadline = min(absoluteDeadline, now.advanced(by: Self.escalatedLimit))
        // A further call gives no time back: the shares stay as they are.
        if escalation == nil { escalation = DrainEscalation(begin: now, end: absoluteDeadline) }
        guard cancelledAt == nil else {
            setDeadline()
            return []
        }
        return cancel(phase, now: now)
    }

    /// A third: everything is killed, reported and over within `forcedLimit`.
    package mutating func force(now: MonotonicInstant) -> [DrainAction] {
        guard !forced, stage != .finished else { return [] }
        forced = true
        exits = true
        var actions: [DrainAction] = []
        if stage == .idle {
            startedAt = now
            actions.append(.announce)
        }
        let limit = now.advanced(by: Self.forcedLimit)
        // An end that is nearer stays; but a drain that holds is past its own.
        absoluteDeadline = stage == .held ? limit : min(absoluteDeadline, limit)
        actions.append(.killEverything)
        switch stage {
        case .phase(.services), .phase(.flush): setDeadline()
        case .phase(let phase):
            record(phase, .forced, now: now)
            actions += skip(from: phase, now: now)
        case .idle: actions += skip(from: .announce, now: now)
        case .held: actions += enter(.flush, now: now)
        case .finished: break
        }
        return actions
    }

    /// Goes to the services at once: what lives in the phases before them has no time any more.
    private mutating func skip(from phase: DrainPhase, now: MonotonicInstant) -> [DrainAction] {
        let skipped = DrainPhase.allCases.filter { $0 >= phase && $0 < .services }
        return skipped.map { .abandon($0) } + enter(.services, now: now)
    }

    private mutating func cancel(_ phase: DrainPhase, now: MonotonicInstant) -> [DrainAction] {
        cancelledAt = now
        setDeadline()
        return [.cancel(phase, until: end(of: phase))]
    }

    /// When what lives in the phase of now is cancelled.
    private func cancelTime(of phase: DrainPhase) -> MonotonicInstant {
        let usual = phaseStartedAt.advanced(by: budget.budget(of: phase))
        guard let escalation else { return forced ? usual : min(usual, lastCancelTime(of: phase)) }
        switch phase {
        case .announce, .quiesce, .jobs: return phaseStartedAt
        case .services: return min(usual, escalation.killing)
        case .flush: return usual
        }
    }

    /// Graces of earlier phases come out of nobody's budget. Where they have used up the time, services are killed, and the
    /// logs told, while there is still some left to see what comes of it: what the grace and the last phase need, at
    /// most a quarter of what is left.
    private func lastCancelTime(of phase: DrainPhase) -> MonotonicInstant {
        let reserve: Duration
        switch phase {
        case .announce, .quiesce, .jobs: return absoluteDeadline
        case .services: reserve = Self.grace + budget.flush
        case .flush: reserve = Self.grace
        }
        let left = absoluteDeadline.duration(since: phaseStartedAt)
        return absoluteDeadline.advanced(by: .zero - min(reserve, left / 4))
    }

    /// When what lives in the phase of now is abandoned, as far as that is known: its grace begins when it is cancelled.
    private func end(of phase: DrainPhase) -> MonotonicInstant {
        var end = absoluteDeadline
        if let cancelledAt { end = min(end, cancelledAt.advanced(by: grace(of: phase, since: cancelledAt))) }
        if let escalation { end = min(end, escalation.end(of: phase)) }
        return end
    }

    /// In a short drain whole graces of what comes before the services would be all that these have. After a second signal what is left is
    /// shared out already.
    private func grace(of phase: DrainPhase, since cancelledAt: MonotonicInstant) -> Duration {
        guard phase < .services, escalation == nil else { return Self.grace }
        return min(Self.grace, max(absoluteDeadline.duration(since: cancelledAt), .zero) / 4)
    }

    private mutating func enter(_ phase: DrainPhase, now: MonotonicInstant) -> [DrainAction] {
        stage = .phase(phase)
        phaseStartedAt = now
        cancelledAt = nil
        setDeadline()
        let enter = DrainAction.enter(phase, until: min(cancelTime(of: phase), end(of: phase)))
        return phase == .announce && exits ? [.announce, enter] : [enter]
    }

    private mutating func leave(_ phase: DrainPhase, as outcome: Outcome, now: MonotonicInstant) -> [DrainAction] {
        record(phase, told(outcome), now: now)
        guard let next = DrainPhase(rawValue: phase.rawValue + 1) else {
            stage = .finished
            deadline = nil
            return [.finish]
        }
        if next == .flush, !exits {
            stage = .held
            deadline = nil
            escalation = nil
            return [.hold]
        }
        return enter(next, now: now)
    }

    /// The phase it is in, as if it ended now; nil where it is in none.
    package func currentRecord(now: MonotonicInstant) -> PhaseRecord? {
        guard case .phase(let phase) = stage else { return nil }
        return PhaseRecord(
            phase: phase, duration: now.duration(since: phaseStartedAt),
            outcome: told(cancelledAt == nil ? .completed : .cancelled))
    }

    /// How a phase is told that ended so: a third signal has ended it in any case, a second one what had not ended by itself.
    private func told(_ outcome: Outcome) -> Outcome {
        forced || isCutShort && outcome != .completed ? .forced : outcome
    }

    private mutating func record(_ phase: DrainPhase, _ outcome: Outcome, now: MonotonicInstant) {
        records.append(
            PhaseRecord(phase: phase, duration: now.duration(since: phaseStartedAt), outcome: outcome))
    }

    private mutating func setDeadline() {
        guard case .phase(let phase) = stage else {
            deadline = nil
            return
        }
        let end = end(of: phase)
        deadline = cancelledAt == nil ? min(cancelTime(of: phase), end) : end
    }
}

/// What the drain wants done.
package enum DrainAction: Hashable, Sendable {
    /// Tell the service manager that the daemon is stopping.
    case announce
    /// Begin a phase; its tasks have until then.
    case enter(DrainPhase, until: MonotonicInstant)
    /// Cancel what lives in a phase; it has until then.
    case cancel(DrainPhase, until: MonotonicInstant)
    /// Give up what lives in a phase.
    case abandon(DrainPhase)
    /// Kill every process there is.
    case killEverything
    /// All services are down, and the daemon stays.
    case hold
    /// Write the report and end.
    case finish
}
