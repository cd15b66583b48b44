import SupdPlugin
import SupdTesting
import Testing

@Suite struct SimulatedDaemonTests {
    private struct Patient: Plugin, RestartPolicy, Backoff {
        let name = "patient"
        let resetAfter: Duration? = nil

        func register(in registrar: inout PluginRegistrar) {
            registrar.restartPolicy("thrice", isDefault: true) { (_) throws(OptionError) in Patient() }
            registrar.backoff("hour", isDefault: true) { (_) throws(OptionError) in Patient() }
        }

        func decide(_ context: RestartContext) -> RestartDecision {
            context.history.restarts < 3 ? .restart : .giveUp(reason: "three restarts were enough")
        }

        func delay(for context: BackoffContext) -> Duration { .seconds(3600) }
    }

    private static let configuration = "[service.web]\nexec_start = \"/bin/web\"\n"

    @Test func aPolicyOfOnesOwnDecidesAndHoursPassAtOnce() throws {
        let daemon = try SimulatedDaemon(Self.configuration, plugins: [Patient()])
        daemon.host.program = { _ in .success(ProcessScript(runsFor: .seconds(1), ends: .exited(code: 1))) }
        let begin = daemon.host.now
        daemon.host.after(.seconds(5 * 3600)) { $0.send(.term) }
        #expect(daemon.run() == 0)
        #expect(daemon.host.spawnCount == 4)
        #expect(daemon.host.now.duration(since: begin) >= .seconds(5 * 3600))
        #expect(daemon.log.contains { $0.contains("three restarts were enough") })
        #expect(daemon.host.violations == [])
    }

    @Test func aSecondRunAnswersTheSameAndStartsNothing() throws {
        let daemon = try SimulatedDaemon(Self.configuration, plugins: [Patient()])
        daemon.host.after(.seconds(1)) { $0.send(.term) }
        #expect(daemon.run() == 0)
        #expect(daemon.run() == 0)
        #expect(daemon.host.spawnCount == 1)
    }

    @Test func aFaultyConfigurationIsToldWithItsPlace() throws {
        let error = #expect(throws: (any Error).self) {
            try SimulatedDaemon("[service.web]\nexec_stat = \"/bin/web\"\n", plugins: [Patient()])
        }
        #expect(error.map { "\($0)".contains("supd.toml:2:1:") } == true)
    }
}
