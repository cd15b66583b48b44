import EngineChecks
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// Another main process (`MAINPID=`), whose it cannot be seen at first: on a busy machine a look at its environment takes its time, and
/// the process that has named it may end meanwhile.
@Suite struct SuccessorTests {
    /// One whose program names another, and ends at a second. When it says so, and until when the other hides.
    struct Case: Sendable {
        var says: Duration
        var hides: Duration
        /// Which others it names after that: they hide for ever.
        var more: [Int32] = []
    }

    private static let cases = [
        Case(says: .milliseconds(500), hides: .milliseconds(700)),
        Case(says: .milliseconds(990), hides: .milliseconds(1_500)),
        Case(says: .milliseconds(1_000), hides: .milliseconds(1_500)),
    ]

    private func simulation(_ service: Case, seed: UInt64, _ setting: String = "") throws -> Simulation {
        let text = """
            [service.web]
            type = "notify"
            exec_start = ["/bin/web"]
            restart = "no"
            \(setting)
            """
        let simulation = try Simulation(ScriptedFiles(text), seed: seed)
        var path = ""
        simulation.host.program = { request in
            path = request.variable("NOTIFY_SOCKET") ?? ""
            let others = Array(repeating: ProcessScript.Obedience.ends(after: .milliseconds(1)), count: 3)
            return .success(ProcessScript(runsFor: .seconds(1), leftovers: others))
        }
        simulation.host.after(service.says) { host in
            let first = simulation.supervisor.processes.running(of: 0)?.pid ?? 0
            host.hiding = [first + 1, first + 2, first + 3]
            host.say("READY=1\nMAINPID=\(first + 1)", as: first, through: path)
            host.say("STATUS=alone", as: first + 1, through: path)
            for more in service.more { host.say("MAINPID=\(first + more)", as: first + 1, through: path) }
        }
        simulation.host.after(service.hides) { host in
            guard let first = host.hiding.min() else { return }
            host.hiding.remove(first)
        }
        return simulation
    }

    private func pid(_ simulation: Simulation) -> Int32? { simulation.supervisor.fleet[0].pid }

    @Test(arguments: cases) func theEndOfTheFirstIsNoneOfTheServices(service: Case) throws {
        let simulation = try simulation(service, seed: 111)
        var before: Int32?
        simulation.host.after(.milliseconds(100)) { _ in before = pid(simulation) }
        var after: Int32?
        var state: ServiceState?
        simulation.host.after(.seconds(4)) { host in
            (after, state) = (pid(simulation), simulation.supervisor.fleet[0].state)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(state == .running && before != nil && after == before.map { $0 + 1 })
        #expect(simulation.place(containing: "web says: alone") != nil, "\(simulation.log)")
        #expect(simulation.place(containing: "not followed") == nil, "\(simulation.log)")
        #expect(simulation.host.violations == [] && simulation.host.livingProcesses == 0)
    }

    /// What hides for ever is not waited for, however many there are: the service has ended with its first.
    @Test func whatIsNeverSeenIsNotFollowed() throws {
        let simulation = try simulation(
            Case(says: .milliseconds(990), hides: .seconds(10), more: [2, 3, 1, 2, 3]), seed: 112)
        var states: [ServiceState] = []
        for at in [2_900, 3_200] {
            simulation.host.after(.milliseconds(Int64(at))) { _ in states.append(simulation.supervisor.fleet[0].state) }
        }
        #expect(try simulation.reason(after: .seconds(5)).hasPrefix("exit code 0"))
        #expect(states == [.starting, .exited])
        #expect(simulation.place(containing: "is not followed: whose process ") != nil, "\(simulation.log)")
        #expect(simulation.host.violations == [] && simulation.host.livingProcesses == 0)
    }

    /// The other is the main process, whatever of the first is still to be judged.
    @Test func aSignalReachesTheOtherWhileItNamesMore() throws {
        let service = Case(says: .milliseconds(990), hides: .milliseconds(1_500), more: [2])
        let simulation = try simulation(service, seed: 114)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(2)) {
            $0.send(
                #"{"id":1,"method":"service.signal","params":{"services":["web"],"signal":"SIGKILL"}}"# + "\n",
                as: client)
        }
        var living: [Int] = []
        for at in [1_990, 2_010] {
            simulation.host.after(.milliseconds(Int64(at))) { living.append($0.livingProcesses) }
        }
        #expect(try simulation.reason(after: .seconds(5)).hasPrefix("killed by SIGKILL"))
        #expect(living == [3, 2], "\(simulation.log)")
        #expect(simulation.host.violations == [] && simulation.host.livingProcesses == 0)
    }

    /// A stop meanwhile reaches the other, too.
    @Test(arguments: [1_200, 1_600], ["control-group", "mixed"])
    func aStopMeanwhileLeavesNobody(at milliseconds: Int, killMode: String) throws {
        let service = Case(says: .milliseconds(990), hides: .milliseconds(1_500))
        let simulation = try simulation(service, seed: 113, "kill_mode = \"\(killMode)\"")
        let client = simulation.host.connect()
        simulation.order("stop", of: "web", at: milliseconds, as: client)
        let (code, reply) = try simulation.run(until: .seconds(4), listeningAs: client)
        #expect(code == 0 && reply.contains("\"STOPPED\""), "\(reply)\(simulation.log)")
        #expect(simulation.host.violations == [] && simulation.host.livingProcesses == 0)
    }
}
