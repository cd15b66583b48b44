import RestartPolicies
import SupdPlugin
import Testing

/// A policy and the history that its own answers make, as the core keeps it.
struct PolicyLife {
    let policy: any RestartPolicy
    let rules: ExitStatusRules
    private(set) var now = Duration.zero
    private var ends:
        [(
            at: Duration, outcome: ExitOutcome, forced: ForcedEnd?, ranFor: Duration, wasFailure: Bool,
            wasDelayed: Bool
        )] = []

    /// The policy `name` of supd's own, with its standards and `options` over them.
    init(
        _ name: String, _ options: [String: OptionValue] = [:], rules: ExitStatusRules = ExitStatusRules()
    ) throws {
        policy = try Self.make(name, options)
        self.rules = rules
    }

    static func make(_ name: String, _ options: [String: OptionValue] = [:]) throws -> any RestartPolicy {
        let entry = try #require(PluginRegistrar([RestartPolicies()]).restartPolicies[name])
        var values: [String: OptionValue] = [:]
        for option in entry.options { values[option.name] = option.standard }
        for (key, value) in options {
            try #require(values[key] != nil, "\(name) declares no option '\(key)'")
            values[key] = value
        }
        return try entry.make(PluginOptions(values))
    }

    /// What it answers to an end after a run of `ranFor`, which began when the last answer or `pause` allowed it.
    mutating func end(
        _ outcome: ExitOutcome = .exited(code: 1), forced: ForcedEnd? = nil, after ranFor: Duration = .zero,
        pause: Duration = .zero
    ) -> RestartDecision {
        now += pause + ranFor
        let exit = ExitRecord(attempt: 1, pid: 1, outcome: outcome, forced: forced, ranFor: ranFor)
        let past = ends.suffix(RestartHistory.capacity).reversed().map {
            PastEnd(
                ago: now - $0.at, outcome: $0.outcome, forced: $0.forced, ranFor: $0.ranFor,
                wasFailure: $0.wasFailure, wasDelayed: $0.wasDelayed)
        }
        let context = RestartContext(
            exit: exit, rules: rules, history: RestartHistory(ends: Array(past), restarts: ends.count))
        let decision = policy.decide(context)
        switch decision {
        case .restart: ends.append((now, outcome, forced, ranFor, context.isFailure, false))
        case .restartAfter(let delay):
            ends.append((now, outcome, forced, ranFor, context.isFailure, true))
            now += delay
        case .stay, .giveUp: ends = []
        }
        return decision
    }
}
