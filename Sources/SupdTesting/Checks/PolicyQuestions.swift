import SupdPlugin

/// The ends and histories that every restart policy is asked about.
enum PolicyQuestions {
    /// Every end there can be after a history of nothing, and those that matter after every kind of history.
    static let all: [RestartContext] =
        exits(everyOutcome).map { RestartContext(exit: $0, history: RestartHistory()) }
        + exits(tellingOutcomes).flatMap { exit in histories.map { RestartContext(exit: exit, history: $0) } }

    /// Every exit code, every signal with and without a core, every stage of a start that failed.
    private static let everyOutcome: [ExitOutcome] =
        (0...255).map { .exited(code: $0) }
        + (1...64).compactMap { Signal(rawValue: $0) }.flatMap { signal in
            [false, true].map { .signaled(signal, coreDumped: $0) }
        }
        + SpawnFailure.Stage.allCases.map {
            .spawnFailed(SpawnFailure(stage: $0, error: ErrorNumber(2), subject: "/nowhere"))
        }

    private static let tellingOutcomes: [ExitOutcome] = [
        .exited(code: 0), .exited(code: 1), .exited(code: 255), .signaled(.term, coreDumped: false),
        .signaled(.kill, coreDumped: true),
        .spawnFailed(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/nowhere")),
    ]

    private static func exits(_ outcomes: [ExitOutcome]) -> [ExitRecord] {
        outcomes.flatMap { outcome in
            ([nil] + ForcedEnd.allCases).flatMap { forced in
                [Duration.zero, .seconds(1), .seconds(100 * 86_400)].map {
                    ExitRecord(attempt: 1, pid: 1, outcome: outcome, forced: forced, ranFor: $0)
                }
            }
        }
    }

    private static let histories: [RestartHistory] = {
        let pauses: [Duration] = [.zero, .milliseconds(100), .seconds(10), .seconds(86_400)]
        let full = pauses.flatMap { pause in
            [false, true].flatMap { wasFailure in
                [false, true].map { wasDelayed in
                    let ends = (1...RestartHistory.capacity).map {
                        PastEnd(
                            ago: pause * $0, outcome: .exited(code: wasFailure ? 1 : 0), ranFor: pause,
                            wasFailure: wasFailure, wasDelayed: wasDelayed)
                    }
                    return RestartHistory(ends: ends, restarts: 1_000_000_000)
                }
            }
        }
        let short = full.map { RestartHistory(ends: Array($0.ends.prefix(2))) }
        return [RestartHistory()] + short + full
    }()
}
