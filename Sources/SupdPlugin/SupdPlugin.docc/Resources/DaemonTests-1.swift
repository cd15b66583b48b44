import Greeter
import StandardPlugins
import SupdPlugin
import SupdTesting
import Testing

@Suite struct DaemonTests {
    @Test func whatFailsIsRunAgainMoreCalmlyEachTime() throws {
        let daemon = try SimulatedDaemon(
            """
            [service.clock]
            exec_start = "/bin/clock"
            restart = "friendly"
            backoff = { policy = "calm" }
            """, plugins: StandardPlugins.all + [Greeter()])
        daemon.host.program = { _ in .success(ProcessScript(runsFor: .seconds(1), ends: .exited(code: 1))) }
        // Runs of a second, and pauses of 1 s, 2 s and 3 s: the fourth run begins after 9 s.
        daemon.host.after(.milliseconds(9500)) { $0.send(.term) }
        #expect(daemon.run() == 0)
        #expect(daemon.host.spawnCount == 4)
        #expect(daemon.host.violations == [])
    }
}
