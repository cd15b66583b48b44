import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// What the host is told of the end that it keeps where the loop does not come to it.
@Suite struct EnforcedEndTests {
    private static func report(_ end: EnforcedEnd) throws -> DrainReport {
        try DrainReport(from: JSONValue(parsing: end.report.dropLast(), limits: .document))
    }

    @Test func theHostKnowsTheEndOfADrainAndWhatIsKnownOfIt() throws {
        let simulation = try Simulation([makeService("deaf"), makeService("fine")], seed: 1)
        simulation.host.program = { request in
            let isDeaf = request.environment.contains("SUPD_SERVICE=deaf")
            return .success(ProcessScript(obedience: isDeaf ? .ignores : .ends(after: .milliseconds(10))))
        }
        var began = simulation.host.now
        var end: EnforcedEnd?
        simulation.host.after(.seconds(1)) { host in
            #expect(host.enforcedEnd == nil)
            began = host.now
            host.send(.term)
            host.after(.seconds(3)) { end = $0.enforcedEnd }
        }
        #expect(try simulation.run() == 0)
        let kept = try #require(end)
        #expect(kept.deadline == began.advanced(by: .seconds(60) + .milliseconds(250)))
        #expect(kept.exitCode == 76)
        let report = try Self.report(kept)
        #expect(report.exitCode == 76)
        #expect(report.cause == "SIGTERM")
        #expect(report.duration == .seconds(60) + .milliseconds(250))
        #expect(report.servicesStopped == ["fine"])
        #expect(report.servicesAbandoned.map(\.name) == ["deaf"])
        #expect(report.tasksAbandoned.map(\.name).contains("event loop"))
        #expect(report.phases.map(\.phase.known) == [.announce, .quiesce, .jobs, .services])
        #expect(report.phases.last?.outcome.known == .timedOut)
        let line = String(decoding: kept.line, as: UTF8.self)
        #expect(
            line.contains(" error Shut down after 1min (SIGTERM): stopped 1 service; abandoned deaf (pid "),
            "\(line)")
        #expect(line.hasSuffix("its loop did not come to the end, which was enforced\n"), "\(line)")
        // All is told: nothing is left but to end.
        let last = try #require(simulation.host.enforcedEnd)
        #expect(last.exitCode == 0 && last.line.isEmpty && last.report.isEmpty)
        #expect(last.deadline <= simulation.host.now.advanced(by: .seconds(1)))
        #expect(simulation.host.violations == [])
    }

    @Test func aForcedEndIsKeptWithinHalfASecond() throws {
        let simulation = try Simulation([makeService("stuck")], seed: 2)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .unkillable)) }
        for second in 1...3 {
            simulation.host.after(.milliseconds(Int64(second) * 1_200)) { host in
                host.send(.term)
                guard second == 3 else { return }
                host.after(.milliseconds(100)) { later in
                    #expect(later.enforcedEnd?.exitCode == 77)
                    #expect(later.enforcedEnd.map { $0.deadline <= later.now.advanced(by: .milliseconds(400)) } == true)
                }
            }
        }
        #expect(try simulation.run() == 77)
        #expect(simulation.host.violations == [])
    }

    /// Holding has no limit, and a signal that comes then has its own.
    @Test func aDrainThatHoldsHasNoEnd() throws {
        let simulation = try Simulation([makeService("web")], seed: 3)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(#"{"id":1,"method":"supervisor.drain"}"# + "\n", as: client)
        }
        simulation.host.after(.seconds(100)) { host in
            #expect(simulation.supervisor.drain.stage == .held)
            #expect(host.enforcedEnd == nil)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.enforcedEnd != nil)
        #expect(simulation.host.violations == [])
    }

    @Test func aLongReportIsShortenedToWhatFits() throws {
        let services = try (0..<400).map {
            try makeService("service-with-a-name-that-is-as-long-as-a-name-may-be-or-so-\($0)")
        }
        let simulation = try Simulation(services, seed: 4) { $0.supervisor.startParallelism = 400 }
        simulation.host.program = { _ in .success(ProcessScript(obedience: .ignores)) }
        simulation.host.after(.seconds(1)) { host in
            host.send(.term)
            host.after(.seconds(3)) { later in
                #expect(later.enforcedEnd.map { $0.line.count < 8 * 1024 && $0.report.count < 128 * 1024 } == true)
            }
        }
        #expect(try simulation.run() == 0)
    }

    // MARK: The control socket's files

    @Test func troubleWithTheSocketIsToldOnceAndTriedAgainMoreAndMoreSlowly() throws {
        let simulation = try Simulation([makeService("web")], seed: 5)
        simulation.host.after(.seconds(1)) {
            $0.controlSocketState.troubles = [.init("the note cannot be written", isGrave: true)]
        }
        simulation.host.after(.seconds(300)) { host in
            // 2, 4, 8, 16, 32, 64 s, and every 60 s from there on.
            let asked = host.mendings.count
            #expect((9...12).contains(asked), "\(asked)")
            host.controlSocketState.troubles = []
            host.after(.seconds(300)) {
                #expect($0.mendings.count == asked + 1)
                $0.send(.term)
            }
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.log.split(separator: "\n").count { $0.contains("error the note cannot be written") } == 1)
        #expect(simulation.log.contains("notice the control socket's files are as they should be again"))
    }

    @Test func whoConnectsToASocketThatCameBackIsServed() throws {
        let simulation = try Simulation([makeService("web")], seed: 6)
        simulation.host.after(.seconds(1)) {
            $0.controlSocketState.restored = ["/simulated/control.sock"]
            $0.controlSocketState.rewritten = ["/simulated/control.sock.lock"]
            $0.controlSocketState.listener = Channel(descriptor: 3, generation: 0)
        }
        let client = simulation.host.connect()
        simulation.host.after(.seconds(2)) { $0.send(#"{"id":1,"method":"supervisor.ping"}"# + "\n", as: client) }
        let (code, replies) = try simulation.run(until: .seconds(3), listeningAs: client)
        #expect(code == 0)
        #expect(replies.contains(#""id":1"#))
        #expect(simulation.log.contains("somebody has removed /simulated/control.sock; it was made again"))
        #expect(simulation.log.contains("changed the note for the next supd in /simulated/control.sock.lock; it was"))
    }
}
