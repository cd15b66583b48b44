import SupdEngine
import SupdPlugin

/// A drain machine, a clock and how many tasks live in each phase, driven by hand.
final class DrainDriver {
    private(set) var machine: DrainMachine
    private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    var live: [DrainPhase: Int] = [:]

    /// Sixty seconds in all, and five, ten, forty and five for the phases.
    static let usual = DrainBudget(
        timeout: .seconds(60), quiesce: .seconds(5), jobs: .seconds(10), services: .seconds(40), flush: .seconds(5))

    init(_ budget: DrainBudget = usual) { machine = DrainMachine(budget: budget) }

    var stage: DrainMachine.Stage { machine.stage }
    /// How long until `advance` is wanted.
    var wait: Duration? { machine.deadline.map { $0.duration(since: now) } }
    /// How long until the end whatever happens.
    var left: Duration { machine.absoluteDeadline.duration(since: now) }

    @discardableResult
    func begin(exits: Bool = true) -> [DrainAction] { machine.begin(exits: exits, now: now) }
    @discardableResult
    func escalate() -> [DrainAction] { machine.escalate(now: now) }
    @discardableResult
    func force() -> [DrainAction] { machine.force(now: now) }

    @discardableResult
    func advance() -> [DrainAction] {
        let actions = machine.advance(now: now) { live[$0] ?? 0 }
        for case .abandon(let phase) in actions { live[phase] = 0 }
        return actions
    }

    /// Moves on until there is nothing to do before the next deadline.
    @discardableResult
    func advanceAll() -> [DrainAction] {
        var all: [DrainAction] = []
        while true {
            let actions = advance()
            if actions.isEmpty { return all }
            all += actions
        }
    }

    func pass(_ time: Duration) { now = now.advanced(by: time) }

    /// Lets the time pass up to the deadline, and moves on by one step.
    @discardableResult
    func runTimer() -> [DrainAction] {
        if let wait, wait > .zero { pass(wait) }
        return advance()
    }

    func after(_ time: Duration) -> MonotonicInstant { now.advanced(by: time) }

    /// `announce completed, quiesce completed`
    var history: String {
        machine.records.map { "\($0.phase.name) \($0.outcome.rawValue)" }.joined(separator: ", ")
    }
}
