import RestartPolicies
import SupdPlugin
import Testing

@Suite struct RestartPoliciesTests {
    private static let registrar = PluginRegistrar([RestartPolicies()])

    private func decide(
        _ policy: String, _ exit: ExitRecord, _ rules: ExitStatusRules = ExitStatusRules()
    ) throws -> RestartDecision {
        let entry = try #require(Self.registrar.restartPolicies[policy])
        return try entry.make(PluginOptions([:])).decide(RestartContext(exit: exit, rules: rules))
    }

    private func exit(_ outcome: ExitOutcome, forced: ForcedEnd? = nil) -> ExitRecord {
        ExitRecord(attempt: 1, pid: 42, outcome: outcome, forced: forced, ranFor: .seconds(1))
    }

    private static let segv = Signal(name: "SEGV") ?? .kill
    private static let spawnFailure = ExitOutcome.spawnFailed(
        SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/nowhere"))

    /// The table of systemd.service(5), one column a policy, with a row for a spawn that fails.
    enum End: CaseIterable {
        case zero, cleanSignal, code, signal, coreDump, timeout, watchdog, spawnFailed
    }
    private static let table: [(policy: String, restarts: Set<End>)] = [
        ("no", []),
        ("on-success", [.zero, .cleanSignal]),
        ("on-failure", [.code, .signal, .coreDump, .timeout, .watchdog, .spawnFailed]),
        ("on-abnormal", [.signal, .coreDump, .timeout, .watchdog]),
        ("on-abort", [.signal, .coreDump]),
        ("on-watchdog", [.watchdog]),
        ("always", Set(End.allCases)),
    ]

    private func record(_ end: End) -> [ExitRecord] {
        switch end {
        case .zero: [exit(.exited(code: 0))]
        case .cleanSignal: [Signal.hup, .int, .term, .pipe].map { exit(.signaled($0, coreDumped: false)) }
        case .code: [1, 2, 127, 203, 255].map { exit(.exited(code: $0)) }
        case .signal: [Signal.kill, .usr1, .quit].map { exit(.signaled($0, coreDumped: false)) }
        case .coreDump: [exit(.signaled(Self.segv, coreDumped: true))]
        // Killed politely, or ended by itself with 0, after its time: a timeout all the same.
        case .timeout:
            [
                exit(.signaled(.term, coreDumped: false), forced: .startTimeout),
                exit(.signaled(.kill, coreDumped: false), forced: .startTimeout),
                exit(.exited(code: 0), forced: .startTimeout),
                exit(.exited(code: 1), forced: .startTimeout),
            ]
        // By the signal that it is sent then, or by itself a moment later.
        case .watchdog:
            [
                exit(.signaled(.abrt, coreDumped: true), forced: .watchdog),
                exit(.signaled(.kill, coreDumped: false), forced: .watchdog),
                exit(.exited(code: 0), forced: .watchdog),
            ]
        case .spawnFailed: [exit(Self.spawnFailure)]
        }
    }

    @Test(arguments: table.indices)
    func everyPolicyAnswersAsTheTableOfSystemdDoes(column: Int) throws {
        let (policy, restarts) = Self.table[column]
        for end in End.allCases {
            for record in record(end) {
                let expected: RestartDecision = restarts.contains(end) ? .restart : .stay
                #expect(try decide(policy, record) == expected, "\(policy) after \(record)")
            }
        }
    }

    @Test func theTableHasEveryPolicyWithoutOptions() {
        let plain = Self.registrar.restartPolicies.entries.values.filter(\.options.isEmpty).map(\.name)
        #expect(Set(Self.table.map(\.policy)) == Set(plain))
        #expect(Self.registrar.restartPolicies.standard == "on-failure")
        #expect(Self.registrar.conflicts.isEmpty)
    }

    @Test func successExitStatusMakesAFailureASuccess() throws {
        let rules = ExitStatusRules(success: ExitStatusSet(codes: [3], signals: [.kill]))
        for outcome in [ExitOutcome.exited(code: 3), .signaled(.kill, coreDumped: false)] {
            #expect(try decide("on-failure", exit(outcome), rules) == .stay)
            #expect(try decide("on-abnormal", exit(outcome), rules) == .stay)
            #expect(try decide("on-success", exit(outcome), rules) == .restart)
            #expect(try decide("on-failure", exit(outcome, forced: .startTimeout), rules) == .restart)
        }
    }

    @Test(arguments: table.map(\.policy))
    func preventKeepsEveryPolicyFromRestarting(policy: String) throws {
        let rules = ExitStatusRules(restartPrevent: ExitStatusSet(codes: [0, 7], signals: [Self.segv, .term]))
        #expect(try decide(policy, exit(.exited(code: 0)), rules) == .stay)
        #expect(try decide(policy, exit(.exited(code: 7)), rules) == .stay)
        #expect(try decide(policy, exit(.signaled(Self.segv, coreDumped: true)), rules) == .stay)
        #expect(try decide(policy, exit(.signaled(.term, coreDumped: false), forced: .startTimeout), rules) == .stay)
    }

    @Test(arguments: table.map(\.policy))
    func forceMakesEveryPolicyRestart(policy: String) throws {
        let rules = ExitStatusRules(restartForce: ExitStatusSet(codes: [0, 7], signals: [.term]))
        #expect(try decide(policy, exit(.exited(code: 0)), rules) == .restart)
        #expect(try decide(policy, exit(.exited(code: 7)), rules) == .restart)
        #expect(try decide(policy, exit(.signaled(.term, coreDumped: false)), rules) == .restart)
    }

    @Test(arguments: table.map(\.policy))
    func preventWinsOverForce(policy: String) throws {
        let both = ExitStatusSet(codes: [7])
        let rules = ExitStatusRules(restartPrevent: both, restartForce: both)
        #expect(try decide(policy, exit(.exited(code: 7)), rules) == .stay)
    }

    @Test func aSpawnFailureIsInNoSet() throws {
        let all = ExitStatusSet(codes: Set(0...255))
        let rules = ExitStatusRules(success: all, restartPrevent: all)
        #expect(try decide("always", exit(Self.spawnFailure), rules) == .restart)
        #expect(try decide("on-failure", exit(Self.spawnFailure), rules) == .restart)
    }
}
