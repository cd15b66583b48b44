import RestartPolicies
import SupdEngine
import SupdPlugin
import TestChance

/// Services of every kind, made once: a sequence takes them as they are.
enum RandomSettings {
    static let all: [ServiceSettings] = {
        var random = SeededRandom(seed: 1)
        return (0..<64).map { place in
            let policies: [any RestartPolicy] = [.always, .onFailure, .onFailure, .no, MoodyPolicy()] + counting
            let delays: [Duration] = [.zero, .zero, .milliseconds(10), .seconds(1), .seconds(5)]
            let limits = [
                StartLimit(burst: 0, interval: .zero), StartLimit(burst: 3, interval: .seconds(10)),
                StartLimit(burst: 1, interval: .seconds(1)), StartLimit(burst: 20, interval: .seconds(10)),
            ]
            let steps: [[StopStep]] = [
                ServiceSettings.twoSteps, [StopStep(signal: .term, wait: .seconds(1))], [],
                [StopStep(signal: .kill, wait: .seconds(1))],
            ]
            let isOneshot = place % 3 == 0
            // What is always run again when its time is over never comes to rest.
            let isLimited = !isOneshot && place % 8 == 5
            let isWatched = !isOneshot && place % 8 == 6
            return ServiceSettings(
                type: isOneshot ? .oneshot : .exec, enabled: place % 4 != 0, essential: place % 8 == 1,
                // A oneshot that is always run again never comes to rest.
                restart: isLimited || isWatched ? .no : random.pick(isOneshot ? [OnFailure()] + counting : policies),
                backoff: FixedBackoff(delay: random.pick(delays), resetAfter: random.pick([nil, .seconds(2)])),
                startLimit: random.pick(limits), stopSteps: random.pick(steps),
                killMode: random.pick([.controlGroup, .controlGroup, .mixed, .process]),
                timeoutStart: random.pick([.seconds(2), .seconds(90), nil]), awaitsReadiness: place % 3 == 1,
                minUptime: isOneshot || place % 5 != 2 ? .zero : .seconds(1), runtimeMax: isLimited ? .seconds(5) : nil,
                watchdog: isWatched ? .seconds(3) : nil, extendMax: .seconds(place % 4),
                errands: errands(&random, isOneshot: isOneshot))
        }
    }()

    private static func errands(_ random: inout SeededRandom, isOneshot: Bool) -> Errands {
        var errands = Errands(hooks: random.pick([[], [], [.beforeStop], [.afterStop], [.beforeStop, .afterStop]]))
        for errand in Errand.allCases where random.chance(20) {
            // A oneshot has nothing to stop.
            if !isOneshot || errand != .beforeStop { errands.commands.insert(errand) }
        }
        return errands
    }

    /// Those of supd's own policies that look at what was, made to change their minds within a sequence.
    private static let counting: [any RestartPolicy] = [
        policy("budget", ["restarts": .integer(2), "within": .duration(.seconds(5))]),
        policy(
            "circuit-breaker",
            [
                "failures": .integer(2), "within": .duration(.seconds(5)), "open": .duration(.seconds(3)),
                "stable": .duration(.seconds(1)),
            ]),
        policy("decaying", ["threshold": .number(1.5), "decay": .duration(.seconds(2))]),
        policy("decaying", ["threshold": .number(2), "over": .word("give-up")]),
        policy("by-status", ["give_up": .exitStatuses(ExitStatusSet(codes: [1]))]),
    ]

    /// The policy `name` with its standards and `options` over them.
    private static func policy(_ name: String, _ options: [String: OptionValue]) -> any RestartPolicy {
        guard let entry = PluginRegistrar([RestartPolicies()]).restartPolicies[name] else {
            preconditionFailure("supd has no policy '\(name)'")
        }
        var values: [String: OptionValue] = [:]
        for option in entry.options { values[option.name] = option.standard }
        guard let policy = try? entry.make(PluginOptions(values.merging(options) { $1 })) else {
            preconditionFailure("policy '\(name)' refuses \(options)")
        }
        return policy
    }
}

/// Pure, and as unreasonable as it can be: what it answers goes with how often it was asked.
private struct MoodyPolicy: RestartPolicy {
    private static let answers: [RestartDecision] = [
        .restart, .restartAfter(.zero), .restartAfter(.seconds(-1)), .restart, .restartAfter(.seconds(10_000_000)),
        .restartAfter(Duration(secondsComponent: .max, attosecondsComponent: 0)), .restartAfter(.nanoseconds(1)),
        .restart,
        .giveUp(reason: String(repeating: "ü\u{1B}", count: 10_000)),
    ]

    func decide(_ context: RestartContext) -> RestartDecision {
        if context.exit.ranFor > .seconds(2) { return .stay }
        return Self.answers[context.history.restarts % Self.answers.count]
    }
}
