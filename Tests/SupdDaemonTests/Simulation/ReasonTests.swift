import EngineChecks
import SupdConfiguration
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

@Suite struct ReasonTests {
    /// Why `web` is as it is when its program has ended once with `code`.
    private func reason(
        after code: Int32, restart: String, prevent: Set<Int32> = [], force: Set<Int32> = [],
        burst: Int = 20, orders: [String] = []
    ) throws -> String {
        let service = try makeService("web", restart: restart) {
            $0.conduct.exitStatusRules.restartPrevent.codes = prevent
            $0.conduct.exitStatusRules.restartForce.codes = force
            $0.conduct.startLimit.burst = burst
        }
        let simulation = try Simulation([service], seed: 1)
        simulation.host.program = { _ in .success(ProcessScript(runsFor: .seconds(1), ends: .exited(code: code))) }
        let client = simulation.host.connect()
        for (number, order) in orders.enumerated() {
            simulation.host.after(.seconds(2 * number) + .milliseconds(1001)) {
                $0.send(#"{"method":"\#(order)","params":{"services":["web"]}}"# + "\n", as: client)
            }
        }
        var reason = ""
        simulation.host.after(.seconds(2 * orders.count) + .milliseconds(1002)) {
            reason = simulation.supervisor.reason(of: 0)
            $0.send(.term)
        }
        _ = try simulation.run()
        return reason
    }

    @Test func thePolicyIsNamedWhereItDecided() throws {
        #expect(try reason(after: 5, restart: "always") == "exit code 5, run again by its policy 'always'")
        #expect(try reason(after: 5, restart: "no") == "exit code 5, left as it is by its policy 'no'")
        #expect(
            try reason(after: 5, restart: "no", prevent: [4], force: [6])
                == "exit code 5, left as it is by its policy 'no'")
    }

    /// 'supctl' reaches no daemon without a control socket, as that of 'supd run' is.
    @Test(arguments: [nil, "/simulated/control.sock"])
    func whatLetsItTryAgainIsNamedWhereThatCanBe(socket: String?) throws {
        let service = try makeService("web", restart: "always") { $0.conduct.startLimit.burst = 2 }
        let simulation = try Simulation([service], seed: 1, socketPath: socket)
        simulation.host.program = { _ in .success(ProcessScript(runsFor: .milliseconds(1), ends: .exited(code: 5))) }
        let reason = try simulation.reason(after: .seconds(9))
        #expect(reason.hasPrefix("started 2 times within"), "\(reason)")
        #expect(reason.contains("supctl") == (socket != nil), "\(reason)")
    }

    /// Who has not counted as up yet was begun for the same reason as when he has.
    @Test func whatIsRunAgainSaysSoBeforeItIsUp() throws {
        let service = try makeService("web") { $0.conduct.minUptime = .seconds(60) }
        let simulation = try Simulation([service], seed: 1)
        var starts = 0
        simulation.host.program = { _ in
            starts += 1
            return .success(starts == 1 ? ProcessScript(runsFor: .seconds(1), ends: .exited(code: 5)) : ProcessScript())
        }
        var reasons: [String] = []
        for time in [Duration.milliseconds(500), .seconds(20)] {
            simulation.host.after(time) { _ in reasons.append(simulation.supervisor.reason(of: 0)) }
        }
        simulation.host.after(.seconds(21)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(reasons.count == 2 && reasons[0].hasPrefix("started with supd, up for 0s"), "\(reasons)")
        #expect(reasons.count == 2 && reasons[1].hasPrefix("run again after exit code 5, up for "), "\(reasons)")
    }

    @Test func theExitStatusIsNamedWhereItDecided() throws {
        #expect(
            try reason(after: 5, restart: "always", prevent: [5], force: [5])
                == "exit code 5, left as it is by its restart_prevent_exit_status")
        #expect(
            try reason(after: 6, restart: "no", force: [6])
                == "exit code 6, run again by its restart_force_exit_status")
    }

    @Test func wantOfProcessesIsNoPolicysDoing() throws {
        let simulation = try Simulation([makeService("web", restart: "no")], seed: 1)
        simulation.host.failure = { call, _ in call == .spawn ? ErrorNumber(11) : nil }
        let reason = try simulation.reason(after: .milliseconds(500))
        #expect(reason.hasSuffix(", tried again as it is not its fault"), "\(reason)")
    }

    /// Fatal, and not stopped by the order that had started it.
    @Test func whatWasResetSaysSo() throws {
        for orders in [["service.reset_failed"], ["service.start", "service.reset_failed"]] {
            #expect(
                try reason(after: 1, restart: "always", burst: 1, orders: orders)
                    == "stopped by 'reset-failed' of uid 0, pid 4242")
        }
    }
}
