import RestartPolicies
import SupdPlugin
import SupdTesting
import Testing

/// What holds of every policy, with the options it has by itself.
@Suite struct EveryPolicyTests {
    private static let names = PluginRegistrar([RestartPolicies()]).restartPolicies.names
    private static let missing = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/nowhere")
    private static let ends: [ExitOutcome] =
        (0...255).map { .exited(code: $0) }
        + (1...64).compactMap { Signal(rawValue: $0) }.map { .signaled($0, coreDumped: false) } + [
            .spawnFailed(missing)
        ]

    @Test func allAreSound() {
        #expect(PluginChecks.faults(of: RestartPolicies()) == [])
    }

    @Test(arguments: names)
    func aFirstEndIsRestartedOrLeftAsItsBaseSays(name: String) throws {
        let isPlain = [
            "no", "on-success", "on-failure", "on-abnormal", "on-abort", "on-watchdog", "always",
        ].contains(name)
        let base = try PolicyLife.make(isPlain ? name : "on-failure")
        let policy = try PolicyLife.make(name)
        for outcome in Self.ends {
            for forced in [nil] + ForcedEnd.allCases {
                let exit = ExitRecord(attempt: 1, pid: 1, outcome: outcome, forced: forced, ranFor: .seconds(1))
                let context = RestartContext(exit: exit)
                #expect(policy.decide(context) == base.decide(context), "\(exit)")
            }
        }
    }

    @Test(arguments: names)
    func theSetsOfTheServiceWinOverEveryPolicyWhateverTheHistory(name: String) throws {
        let rules = ExitStatusRules(
            restartPrevent: ExitStatusSet(codes: [7, 8]), restartForce: ExitStatusSet(codes: [8, 9]))
        let policy = try PolicyLife.make(name)
        let full = (0..<RestartHistory.capacity).map { _ in PastEnd(ago: .zero, ranFor: .zero) }
        for history in [RestartHistory(), RestartHistory(ends: full)] {
            for (code, expected) in [(Int32(7), RestartDecision.stay), (8, .stay), (9, .restart)] {
                let exit = ExitRecord(attempt: 1, pid: 1, outcome: .exited(code: code), ranFor: .zero)
                #expect(policy.decide(RestartContext(exit: exit, rules: rules, history: history)) == expected)
            }
        }
    }
}
