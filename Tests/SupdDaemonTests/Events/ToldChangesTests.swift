import EngineChecks
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// Which changes of state are told: all that last, and no moment that is over before anybody hears of it.
@Suite struct ToldChangesTests {
    /// What was told of the service `web` within three seconds. Its program ends after one, and then runs.
    private func told(_ text: String, order: String? = nil, dbEnds: Bool = false) throws -> [String] {
        let simulation = try Simulation(ScriptedFiles(text), seed: 121)
        var runs = 0
        simulation.host.program = { request in
            let crash = ProcessScript(runsFor: .seconds(1), ends: .exited(code: 1))
            guard request.arguments.first == "/bin/web" else { return .success(dbEnds ? crash : ProcessScript()) }
            runs += 1
            return .success(runs == 1 ? crash : ProcessScript())
        }
        if let order {
            let client = simulation.host.connect()
            simulation.host.after(.seconds(2)) { $0.send(order + "\n", as: client) }
        }
        var told: [String] = []
        simulation.host.after(.seconds(3)) { host in
            let events = simulation.supervisor.events
            told = (events.first...events.last).compactMap { number in
                switch events[number].event.happening {
                case .state(let change) where change.name == "web":
                    "\(change.from.rawValue) \(change.state.rawValue)"
                case .blocked(let blocked) where blocked.name == "web": "blocked"
                default: nil
                }
            }
            host.send(.term)
        }
        _ = try simulation.run()
        #expect(simulation.host.violations == [])
        return told
    }

    private static let crash = [
        "STOPPED STARTING", "STARTING RUNNING", "RUNNING STOPPING",
    ]

    @Test func whatIsRunAgainAtOnceIsStartedFromItsBackoff() throws {
        let told = try told(
            """
            [service.web]
            exec_start = ["/bin/web"]
            backoff = { policy = "constant", delay = "100ms" }
            """)
        #expect(told == Self.crash + ["STOPPING BACKOFF", "BACKOFF STARTING", "STARTING RUNNING"])
    }

    /// While another takes the one slot for starts, and never says that it is ready.
    @Test func whatHasToWaitIsToldToBeStopped() throws {
        let told = try told(
            """
            [supervisor]
            start_parallelism = 1
            [service.web]
            exec_start = ["/bin/web"]
            backoff = { policy = "constant", delay = "100ms" }
            [service.slow]
            after = ["web"]
            type = "notify"
            exec_start = ["/bin/slow"]
            """)
        #expect(told == Self.crash + ["STOPPING BACKOFF", "BACKOFF STOPPED"])
    }

    /// Who is told of it knows it as one that waits.
    @Test func whatIsBlockedIsToldToBeStoppedBefore() throws {
        let told = try told(
            """
            [service.db]
            exec_start = ["/bin/db"]
            restart = "no"
            [service.web]
            requires = ["db"]
            exec_start = ["/bin/web"]
            backoff = { policy = "constant", delay = "500ms" }
            """, dbEnds: true)
        #expect(told.suffix(3) == ["STOPPING BACKOFF", "BACKOFF STOPPED", "blocked"], "\(told)")
    }

    @Test func whatIsOrderedUpIsStartedFromWhatItWas() throws {
        let text = """
            [service.web]
            exec_start = ["/bin/web"]
            restart = "no"
            """
        let start = #"{"id":1,"method":"service.start","params":{"services":["web"]}}"#
        let told = try told(text, order: start)
        #expect(told == Self.crash + ["STOPPING EXITED", "EXITED STARTING", "STARTING RUNNING"])
    }
}
