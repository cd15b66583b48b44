import SupdPlugin

/// The ends and histories that every restart policy is asked about.
enum PolicyQuestions {
    /// Every kind of end, each after every kind of history.
    static let all: [RestartContext] = exits.flatMap { exit in
        histories.map { RestartContext(exit: exit, history: $0) }
    }

    private static let exits: [ExitRecord] = {
        let outcomes: [ExitOutcome] = [
            .exited(code: 0), .exited(code: 1), .exited(code: 255), .signaled(.term, coreDumped: false),
            .signaled(.kill, coreDumped: true),
            .spawnFailed(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/nowhere")),
        ]
        return outcomes.flatMap { outcome in
            ([nil] + ForcedEnd.allCases).flatMap { forced in
                [Duration.zero, .seconds(1), .seconds(100 * 86_400)].map {
                    ExitRecord(attempt: 1, pid: 1, outcome: outcome, forced: forced, ranFor: $0)
                }
            }
        }
    }()

    private static let histories: [RestartHistory] = {
        let pauses: [Duration] = [.zero, .milliseconds(100), .seconds(10), .seconds(86_400)]
        let full = pauses.flatMap { pause in
            [false, true].flatMap { wasFailure in
                [false, true].map { wasDelayed in
                    let ends = (1...RestartHistory.capacity).map {
                        PastEnd(
                            ago: pause * $0, ranFor: pause, wasFailure: wasFailure, wasDelayed: wasDelayed)
                    }
                    return RestartHistory(ends: ends, restarts: 1_000_000_000)
                }
            }
        }
        let short = full.map { RestartHistory(ends: Array($0.ends.prefix(2))) }
        return [RestartHistory()] + short + full
    }()
}
