import EngineChecks
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// Spawns that are not back at once, and such as never come back.
@Suite struct PendingSpawnTests {
    private func simulation(
        _ scripts: [String: ProcessScript], seed: UInt64, _ change: (inout ServiceConfiguration) -> Void = { _ in }
    ) throws -> Simulation {
        let service = try makeService("web", restart: "no") {
            $0.conduct.timeoutStart = .seconds(10)
            change(&$0)
        }
        let simulation = try Simulation([service], seed: seed)
        simulation.host.program = { .success(scripts[$0.arguments.first ?? ""] ?? ProcessScript()) }
        return simulation
    }

    @Test func whatComesBackLateRunsAndIsToldOf() throws {
        let simulation = try simulation(["/bin/web": ProcessScript(beginsAfter: .seconds(3))], seed: 1)
        var reason = ""
        simulation.host.after(.seconds(2)) { _ in reason = simulation.supervisor.reason(of: 0) }
        simulation.host.after(.seconds(20)) { host in
            #expect(simulation.supervisor.fleet[0].state == .running)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(reason == "started with supd, exec of /bin/web has not come back")
        #expect(
            simulation.log.contains("web: exec of /bin/web does not come back, child 100001; supd goes on without it"))
        #expect(simulation.log.contains("the start of web has come back after 3s"))
        #expect(simulation.host.spawnCount == 1)
    }

    @Test func aQuickOneIsNotWorthAWord() throws {
        let simulation = try simulation(["/bin/web": ProcessScript(beginsAfter: .milliseconds(20))], seed: 2)
        simulation.host.after(.seconds(2)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(!simulation.log.contains("come back"))
    }

    @Test func itEndsWithTheTimeOfAStart() throws {
        let simulation = try simulation(["/bin/web": ProcessScript(beginsAfter: .seconds(3600))], seed: 3)
        simulation.host.after(.seconds(11)) { host in
            #expect(host.hungSpawns == 0)
            #expect(
                simulation.supervisor.reason(of: 0)
                    == "overran timeout_start, could not start: exec of /bin/web: it had not come back when it was stopped"
            )
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 0)
    }

    /// Without a limit of its own it has the standard one: nothing is waited for without limit.
    @Test func withoutALimitOfItsOwnItHasTheStandardOne() throws {
        let simulation = try simulation(["/bin/web": ProcessScript(beginsAfter: .seconds(3600))], seed: 4) {
            $0.conduct.timeoutStart = nil
        }
        simulation.host.after(.seconds(89)) { #expect($0.hungSpawns == 1) }
        simulation.host.after(.seconds(91)) { host in
            #expect(host.hungSpawns == 0)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
    }

    @Test func aStopTakesItBack() throws {
        let simulation = try simulation(["/bin/web": ProcessScript(beginsAfter: .seconds(3600))], seed: 5)
        let client = simulation.host.connect()
        simulation.order("stop", of: "web", at: 2000, as: client)
        let (code, replies) = try simulation.run(until: .seconds(3), listeningAs: client)
        #expect(code == 0)
        #expect(replies.contains(#""state":"STOPPED""#), "\(replies)")
        #expect(simulation.host.spawnCount == 0 && simulation.host.hungSpawns == 0)
    }

    @Test func nothingIsStartedBesideOneThatTheKernelHolds() throws {
        let hung = ProcessScript(beginsAfter: .seconds(30), obedience: .unkillable)
        let simulation = try simulation([:], seed: 6)
        var spawns = 0
        simulation.host.program = { _ in
            spawns += 1
            return .success(spawns == 1 ? hung : ProcessScript())
        }
        let client = simulation.host.connect()
        simulation.order("restart", of: "web", at: 2000, as: client)
        simulation.host.after(.seconds(29)) { _ in
            #expect(spawns == 1)
            let reason = simulation.supervisor.reason(of: 0)
            #expect(reason.contains("exec of /bin/web has not come back"), "\(reason)")
        }
        simulation.host.after(.seconds(40)) { host in
            #expect(spawns == 2 && simulation.supervisor.fleet[0].state == .running)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
    }

    @Test func aDrainEndsInTimeAndNamesIt() throws {
        let hung = ProcessScript(beginsAfter: .seconds(3600), obedience: .unkillable)
        let simulation = try simulation(["/bin/web": hung], seed: 7)
        simulation.host.after(.seconds(2)) { $0.send(.term) }
        let start = simulation.host.now
        #expect(try simulation.run() == ExitCode.processesAbandoned)
        #expect(simulation.host.now.duration(since: start) < .seconds(63))
        let abandoned = simulation.supervisor.drain.report().servicesAbandoned
        #expect(abandoned.map(\.name) == ["web"])
        #expect(abandoned.map(\.command) == ["exec of /bin/web, which does not come back"])
        #expect(abandoned.map(\.pid) == [100_001])
    }

    @Test func aCommandBeforeTheProgramHasItsTime() throws {
        let hung = ProcessScript(beginsAfter: .seconds(3600))
        let simulation = try simulation(["/bin/pre": hung], seed: 8) {
            $0.conduct.commands[.startPre] = [CommandConfiguration(words: ["/bin/pre"], timeout: .seconds(5))]
        }
        simulation.host.after(.seconds(6)) { host in
            #expect(host.hungSpawns == 0)
            let reason = simulation.supervisor.reason(of: 0)
            #expect(
                reason.hasPrefix(
                    "exec_start_pre: overran its timeout, could not start: exec of /bin/pre: it had not come back"),
                "\(reason)")
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 0)
    }
}
