package import SupdPlugin

/// Hooks of one point that are run one after the other, each within its budget.
///
/// A hook that is over its budget is cancelled, and given up `DrainMachine.grace` later; then the next one has its turn. A
/// failure is noted and stops nothing. Whoever owns the sequence calls `advance` at `deadline`.
package struct HookSequence: Sendable {
    /// How a hook ended.
    package enum Outcome: Hashable, Sendable {
        /// It returned.
        case completed
        /// It threw; what.
        case failed(String)
        /// It was cancelled, and then ended.
        case cancelled
        /// It did not end, and nothing waits for it any more.
        case abandoned
        /// There was no time for it.
        case skipped
    }

    /// What the sequence wants done.
    package enum Action: Hashable, Sendable {
        /// Run the hook; it is cancelled at the instant.
        case run(hook: Int, until: MonotonicInstant)
        /// Cancel the hook's task. It is overdue where its own budget is over, and not the time of all of them.
        case cancel(hook: Int, isOverdue: Bool)
        /// Forget the hook's task.
        case abandon(hook: Int)
        /// The hook is not run.
        case skip(hook: Int)
        /// All have had their turn.
        case finished
    }

    /// How those ended that have.
    package private(set) var outcomes: [Outcome] = []
    /// When `advance` is wanted; nil where nothing runs.
    package private(set) var deadline: MonotonicInstant?

    private let budgets: [Duration]
    private var hasBegun = false
    /// The hook that runs was cancelled.
    private var isCancelled = false
    /// No other hook is begun.
    private var isOver = false

    /// A sequence of hooks with these budgets.
    package init(budgets: [Duration]) {
        self.budgets = budgets
    }

    /// Whether all have had their turn.
    package var isFinished: Bool { outcomes.count == budgets.count }

    /// Begins with the first.
    package mutating func begin(now: MonotonicInstant) -> [Action] {
        guard !hasBegun, !isOver else { return [] }
        hasBegun = true
        return next(now: now)
    }

    /// A hook has ended; with an error where it threw one. Nothing for one that was given up.
    package mutating func ended(hook: Int, error: String?, now: MonotonicInstant) -> [Action] {
        guard hasBegun, hook == outcomes.count, !isFinished else { return [] }
        outcomes.append(isCancelled ? .cancelled : error.map(Outcome.failed) ?? .completed)
        return next(now: now)
    }

    /// Time has passed.
    package mutating func advance(now: MonotonicInstant) -> [Action] {
        guard let deadline, deadline <= now else { return [] }
        let hook = outcomes.count
        guard isCancelled else {
            isCancelled = true
            self.deadline = now.advanced(by: DrainMachine.grace)
            return [.cancel(hook: hook, isOverdue: true)]
        }
        outcomes.append(.abandoned)
        return [.abandon(hook: hook)] + next(now: now)
    }

    /// The time of all of them is over: the one that runs is cancelled, and has its grace; those behind it are not run.
    package mutating func cancelAll(now: MonotonicInstant) -> [Action] {
        isOver = true
        guard hasBegun else { return skipRest() }
        guard !isFinished, !isCancelled else { return [] }
        isCancelled = true
        deadline = now.advanced(by: DrainMachine.grace)
        return [.cancel(hook: outcomes.count, isOverdue: false)]
    }

    /// Nothing of it is waited for any more.
    package mutating func giveUp() -> [Action] {
        guard !isFinished else { return [] }
        isOver = true
        guard hasBegun else { return skipRest() }
        let hook = outcomes.count
        outcomes.append(.abandoned)
        return [.abandon(hook: hook)] + skipRest()
    }

    private mutating func skipRest() -> [Action] {
        var actions: [Action] = []
        while !isFinished {
            actions.append(.skip(hook: outcomes.count))
            outcomes.append(.skipped)
        }
        deadline = nil
        return actions + [.finished]
    }

    private mutating func next(now: MonotonicInstant) -> [Action] {
        isCancelled = false
        if isOver { return skipRest() }
        guard !isFinished else {
            deadline = nil
            return [.finished]
        }
        let until = now.advanced(by: budgets[outcomes.count])
        deadline = until
        return [.run(hook: outcomes.count, until: until)]
    }
}
