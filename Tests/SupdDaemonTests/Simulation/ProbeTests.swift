import EngineChecks
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// A probe whose answers are the simulation's script.
private struct Scripted: Probe {
    func probe(_ context: ProbeContext) async throws {}
}

private func ready(_ change: (inout PlannedProbe) -> Void = { _ in }) -> ServiceProbes {
    var probe = PlannedProbe(name: "ready", plugin: "test", probe: Scripted(), period: .seconds(1))
    change(&probe)
    return ServiceProbes(readiness: probe)
}

private func health(_ change: (inout PlannedProbe) -> Void = { _ in }) -> ServiceProbes {
    var probe = PlannedProbe(name: "alive", plugin: "test", probe: Scripted(), period: .seconds(1))
    probe.failureThreshold = 2
    change(&probe)
    return ServiceProbes(health: probe)
}

@Suite struct ProbeTests {
    /// Answers in turn, and the last for ever.
    private func answers(_ scripts: WorkScript...) -> (String) -> WorkScript {
        var asked = 0
        return { _ in
            defer { asked += 1 }
            return scripts[min(asked, scripts.count - 1)]
        }
    }

    @Test func whatNeedsAServiceWaitsUntilItIsReady() throws {
        let simulation = try Simulation(
            [makeService("web", requires: ["db"]), makeService("db") { $0.conduct.probes = ready() }], seed: 61)
        simulation.host.work = answers(.ends(error: "no route"), .ends(error: "no route"), .ends())
        var reasons: Set<String> = []
        simulation.host.onTurn = { _ in
            guard let service = simulation.supervisor.roster.service(named: "db") else { return }
            let db = simulation.supervisor.fleet.instances(of: service)[0]
            if simulation.supervisor.fleet[db].state == .starting {
                reasons.insert(simulation.supervisor.reason(of: db))
            }
        }
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let up = try #require(simulation.place(containing: "db is running"))
        #expect(up < (try #require(simulation.place(containing: "web is running"))))
        #expect(
            reasons == ["started with supd, not ready yet", "started with supd, not ready: no route"], "\(reasons)")
        #expect(simulation.host.livingWork == 0)
    }

    @Test func oneThatIsNeverReadyOverrunsItsTimeAndItsPolicyDecides() throws {
        let simulation = try Simulation(
            [
                makeService("db", restart: "no") {
                    $0.conduct.probes = ready()
                    $0.conduct.timeoutStart = .seconds(3)
                }
            ], seed: 62)
        simulation.host.work = answers(.ends(error: "no"))
        simulation.host.after(.seconds(30)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.place(containing: "db was not ready in time: no") != nil, "\(simulation.log)")
        #expect(simulation.supervisor.status(of: 0).lastExit?.forced?.known == .startTimeout)
        #expect(
            simulation.supervisor.reason(of: 0).hasPrefix("overran timeout_start (no), "),
            "\(simulation.supervisor.reason(of: 0))")
    }

    @Test func anUnhealthyServiceIsStoppedWithItsHooksAndRunAgainByItsPolicy() throws {
        let simulation = try Simulation(
            [
                makeService("web") {
                    $0.conduct.probes = health()
                    $0.conduct.hooks = [
                        PlannedHook(
                            name: "leave", plugin: "test", point: .beforeStop, budget: .seconds(1), hook: NoHook())
                    ]
                }
            ], seed: 63)
        var asked = 0
        simulation.host.work = { name in
            guard name == "alive" else { return .ends() }
            asked += 1
            // Healthy, twice not, and healthy from then on.
            return [2, 3].contains(asked) ? .ends(error: "status 500") : .ends()
        }
        simulation.host.after(.seconds(20)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 2)
        let places = ["web is unhealthy: status 500", "hook 'leave' of web begins", "web ended after"]
            .map { simulation.place(containing: $0) }
        #expect(places.allSatisfy { $0 != nil }, "\(simulation.log)")
        #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    }

    @Test func onFailureNoneTellsAndLeavesItRunning() throws {
        let simulation = try Simulation(
            [makeService("web") { $0.conduct.probes = health { $0.onFailure = .none } }], seed: 64)
        simulation.host.work = answers(.ends(), .ends(error: "no"), .ends(error: "no"), .ends(error: "no"), .ends())
        var seen: [String] = []
        simulation.host.onTurn = { _ in
            let status = simulation.supervisor.status(of: 0)
            let health = "\(status.state.rawValue) \(status.health?.rawValue ?? "-")"
            if seen.last != health { seen.append(health) }
        }
        simulation.host.after(.seconds(20)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 1)
        #expect(
            Array(seen.drop { $0 != "RUNNING unknown" }.prefix(4)) == [
                "RUNNING unknown", "RUNNING healthy", "RUNNING unhealthy", "RUNNING healthy",
            ], "\(seen)")
    }

    @Test func oneThatTakesTooLongIsCancelledAndCountsAsAFailure() throws {
        let simulation = try Simulation([makeService("web") { $0.conduct.probes = health() }], seed: 65)
        simulation.host.work = answers(.ends(), .waits(), .waits(), .ends())
        simulation.host.after(.seconds(10)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.place(containing: "web is unhealthy: no answer within 1s") != nil, "\(simulation.log)")
        #expect(simulation.host.spawnCount == 2)
    }

    @Test func oneThatHangsIsAbandonedByNameAndTheServiceRunsOn() throws {
        let simulation = try Simulation(
            [makeService("web") { $0.conduct.probes = health { $0.failureThreshold = 3 } }], seed: 66)
        simulation.host.work = answers(.ends(), .hangs)
        var verdict: ServiceHealth?
        simulation.host.after(.seconds(30)) { host in
            verdict = simulation.supervisor.plugins.probes.health(of: 0)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(verdict == .unknown)
        #expect(simulation.log.ranges(of: "abandoned job 'health web: alive'").count == 1, "\(simulation.log)")
        #expect(simulation.host.spawnCount == 1)
    }

    @Test func aStopDoesNotWaitForAnAnswerAndADrainEndsThemAll() throws {
        let simulation = try Simulation(
            [makeService("web") { $0.conduct.probes = health { $0.timeout = .seconds(60) } }], seed: 67)
        simulation.host.work = answers(.waits(afterCancel: .milliseconds(100)))
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.supervisor.drain.finalReport().duration < .milliseconds(300))
        #expect(simulation.host.livingWork == 0)
        #expect(simulation.supervisor.plugins.probes.isEmpty)
    }

    @Test func oneThatIgnoresADrainIsAbandonedInItsTime() throws {
        let simulation = try Simulation(
            [makeService("web") { $0.conduct.probes = health { $0.timeout = .seconds(60) } }], seed: 68)
        simulation.host.work = answers(.hangs)
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 75)
        let report = simulation.supervisor.drain.finalReport()
        #expect(report.tasksAbandoned.map(\.name) == ["health web: alive"])
        #expect(report.servicesStopped == ["web"])
    }

    @Test func aHundredAttemptsLeaveNothingBehind() throws {
        let simulation = try Simulation(
            [
                makeService("web", restart: "always") {
                    $0.conduct.probes = health { $0.failureThreshold = 1 }
                    $0.conduct.startLimit = StartLimit(burst: 0, interval: .zero)
                }
            ], seed: 69)
        simulation.host.work = answers(.ends(error: "no"))
        var tasks = 0
        simulation.host.after(.seconds(4_000)) {
            tasks = simulation.supervisor.drain.tasks.count
            $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount > 100)
        // The logs, and of what runs the service, its log and perhaps a question.
        #expect(tasks <= 4)
        #expect(simulation.supervisor.plugins.probes.isEmpty)
    }
}

private struct NoHook: ShutdownHook {
    func run(_ context: HookContext) async throws {}
}
