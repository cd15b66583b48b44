import EngineChecks
import Backoffs
import RestartPolicies
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// The restart policies that look at what was, from a configuration file to the status.
@Suite struct CountingPolicyTests {
    /// A simulation of `web` with these keys; `ends` gives each run's length and end.
    private func simulation(
        _ keys: String, seed: UInt64, ends: @escaping (Int) -> ProcessScript
    ) throws -> Simulation {
        let plugins = PluginRegistrar([RestartPolicies(), Backoffs()])
        let sources = MemorySources(["/supd.toml": "[service.web]\nexec_start = \"/bin/web\"\n\(keys)\n"])
        let configuration = try ConfigurationLoader(plugins: plugins, sources: sources).load(path: "/supd.toml").get()
        let simulation = try Simulation(configuration.services, seed: seed)
        var run = 0
        simulation.host.program = { _ in
            run += 1
            return .success(ends(run))
        }
        return simulation
    }

    private func fails(after duration: Duration) -> ProcessScript {
        ProcessScript(runsFor: duration, ends: .exited(code: 1))
    }

    @Test func aSpentBudgetIsFatalAndSaysSo() throws {
        let simulation = try simulation(
            "restart = { policy = \"budget\", restarts = 3, within = \"5s\" }\n"
                + "backoff = { policy = \"constant\", delay = \"10ms\" }", seed: 81
        ) { _ in fails(after: .milliseconds(100)) }
        var reason = ""
        simulation.host.after(.seconds(60)) {
            reason = simulation.supervisor.reason(of: 0)
            $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 4)
        #expect(simulation.supervisor.fleet[0].state == .fatal)
        #expect(
            reason == "given up by its policy 'budget': more than 3 restarts within 5s, last: exit code 1; "
                + "'supctl start' or 'supctl reset-failed' lets it try again")
    }

    @Test func aBreakerOpensRunsOnTrialAndClosesAgain() throws {
        // Five failures open it; the trial fails too and opens it again; the next trial lasts, and so does the sixth run.
        let simulation = try simulation(
            "restart = { policy = \"circuit-breaker\", failures = 5, within = \"60s\", open = \"30s\", stable = \"10s\" }\n"
                + "backoff = { policy = \"constant\", delay = \"10ms\" }", seed: 82
        ) { run in
            switch run {
            case 1...6: fails(after: .milliseconds(100))
            case 7: fails(after: .seconds(20))
            default: ProcessScript()
            }
        }
        var starts: [Duration] = []
        simulation.host.onTurn = { host in
            while starts.count < host.spawnCount {
                starts.append(host.now.duration(since: MonotonicInstant(nanoseconds: 1_000_000_000)))
            }
        }
        simulation.host.after(.seconds(300)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 8)
        let pauses = zip(starts, starts.dropFirst()).map { $1 - $0 }
        #expect(pauses.prefix(4).allSatisfy { $0 < .seconds(1) }, "\(pauses)")
        #expect(pauses.dropFirst(4).prefix(2).allSatisfy { $0 >= .seconds(30) && $0 < .seconds(31) }, "\(pauses)")
        #expect(pauses.last.map { $0 >= .seconds(20) && $0 < .seconds(21) } == true, "\(pauses)")
    }

    @Test(arguments: [(Int32(3), ServiceState.running), (0, .exited), (78, .fatal)])
    func theStatusDecidesByItsList(_ code: Int32, _ state: ServiceState) throws {
        let simulation = try simulation(
            "restart = { policy = \"by-status\", restart = [3], stay = [0], give_up = 78 }\n"
                + "backoff = { policy = \"constant\", delay = 0 }", seed: 83
        ) { run in
            run == 1 ? ProcessScript(runsFor: .seconds(1), ends: .exited(code: code)) : ProcessScript()
        }
        var seen: ServiceState?
        simulation.host.after(.seconds(10)) {
            seen = simulation.supervisor.fleet[0].state
            $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(seen == state)
    }
}
