package import SupdPlugin

/// One instance's probe for the length of an attempt: when it is asked, and what its answers come to.
///
/// A question that takes longer than `timeout` is cancelled, which is a failure. One that does not end within
/// `DrainMachine.grace` after that is given up, and no other is asked: what hangs would pile up. Whoever owns the
/// machine calls `advance` at `deadline`.
package struct ProbeMachine: Sendable {
    /// What the answers come to.
    package enum Verdict: Hashable, Sendable {
        /// None has come yet, or the probe was given up.
        case unknown
        /// The last ones were good, or not bad often enough.
        case passed
        /// So many in a row were bad.
        case failed
    }

    /// What the machine wants done.
    package enum Action: Hashable, Sendable {
        /// Ask; the question is cancelled at the instant.
        case ask(until: MonotonicInstant)
        /// Cancel the question's task.
        case cancel
        /// Forget the question's task.
        case abandon
        /// The verdict is another one.
        case changed(Verdict)
    }

    private enum Phase: Hashable, Sendable {
        case resting
        case asking(since: MonotonicInstant)
        /// The question was cancelled for its time, and counts as failed.
        case cancelled(since: MonotonicInstant)
        /// The question was cancelled as nobody wants the answer.
        case ending
        case over
    }

    /// What the answers come to.
    package private(set) var verdict = Verdict.unknown
    /// Why the last question failed; nil where it did not.
    package private(set) var problem: String?
    /// When the last question was answered, or had its time; nil before the first.
    package private(set) var answeredAt: MonotonicInstant?
    /// When `advance` is wanted; nil once nothing of it is under way any more, and nothing will be.
    package private(set) var deadline: MonotonicInstant?

    private let rules: ProbeRules
    private var phase = Phase.resting
    private var failures = 0

    /// A probe that begins now.
    package init(_ rules: ProbeRules, now: MonotonicInstant) {
        self.rules = rules
        deadline = now.advanced(by: rules.initialDelay)
    }

    /// The question was answered: with an error where it failed. Nothing for one that was given up.
    package mutating func answered(error: String?, now: MonotonicInstant) -> [Action] {
        switch phase {
        case .asking(let since):
            rest(after: since, now: now)
            return weigh(error, now: now)
        case .cancelled(let since):
            // The failure was counted when its time was over.
            rest(after: since, now: now)
        case .ending: finish()
        case .resting, .over: break
        }
        return []
    }

    /// Time has passed.
    package mutating func advance(now: MonotonicInstant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        switch phase {
        case .resting:
            phase = .asking(since: now)
            let until = now.advanced(by: rules.timeout)
            self.deadline = until
            return [.ask(until: until)]
        case .asking(let since):
            phase = .cancelled(since: since)
            self.deadline = now.advanced(by: DrainMachine.grace)
            return [.cancel] + weigh("no answer within \(rules.timeout.text)", now: now)
        case .cancelled:
            problem = "its probe did not end and was abandoned"
            finish()
            return [.abandon] + become(.unknown)
        case .ending:
            finish()
            return [.abandon]
        case .over: return []
        }
    }

    /// Nobody wants the answers any more. A second call changes nothing.
    package mutating func end(now: MonotonicInstant) -> [Action] {
        switch phase {
        case .resting: finish()
        case .asking:
            phase = .ending
            deadline = now.advanced(by: DrainMachine.grace)
            return [.cancel]
        case .cancelled:
            // It keeps the grace that it has.
            phase = .ending
        case .ending, .over: break
        }
        return []
    }

    private mutating func weigh(_ error: String?, now: MonotonicInstant) -> [Action] {
        answeredAt = now
        problem = error.map { FatalReason.shown($0) }
        guard error != nil else {
            failures = 0
            return become(.passed)
        }
        failures += 1
        return failures >= rules.failureThreshold ? become(.failed) : []
    }

    private mutating func become(_ verdict: Verdict) -> [Action] {
        guard verdict != self.verdict else { return [] }
        self.verdict = verdict
        return [.changed(verdict)]
    }

    private mutating func rest(after since: MonotonicInstant, now: MonotonicInstant) {
        phase = .resting
        deadline = max(since.advanced(by: rules.period), now)
    }

    private mutating func finish() {
        phase = .over
        deadline = nil
    }
}
