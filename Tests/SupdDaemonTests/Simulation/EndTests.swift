import EngineChecks
import Backoffs
import RestartPolicies
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// When the daemon ends by itself, with which code, and what it says of that; and when it gives a service up.
@Suite struct EndTests {
    /// A simulation of a file, its programs by their names.
    private func simulation(
        _ text: String, seed: UInt64 = 1, programs: [String: [ProcessScript]] = [:]
    ) throws -> Simulation {
        let plugins = PluginRegistrar([RestartPolicies(), Backoffs()])
        let sources = MemorySources(["/supd.toml": text])
        let configuration = try ConfigurationLoader(plugins: plugins, sources: sources).load(path: "/supd.toml").get()
        let simulation = try Simulation(
            configuration.services, seed: seed, drain: configuration.supervisor.drain,
            exitWhen: configuration.supervisor.exitWhen)
        var runs: [String: Int] = [:]
        simulation.host.program = { request in
            let name = request.arguments[0].split(separator: "/").last.map(String.init) ?? ""
            if name == "missing" {
                return .failure(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/missing"))
            }
            let scripts = programs[name] ?? []
            let run = runs[name, default: 0]
            runs[name] = run + 1
            return .success(scripts.isEmpty ? ProcessScript() : scripts[min(run, scripts.count - 1)])
        }
        return simulation
    }

    private func service(_ name: String, _ lines: String...) -> String {
        "[service.\(name)]\nexec_start = \"/bin/\(name)\"\n" + lines.map { $0 + "\n" }.joined()
    }

    private func ends(_ outcome: ExitOutcome, after time: Duration = .seconds(1)) -> ProcessScript {
        ProcessScript(runsFor: time, ends: outcome)
    }

    private static let once = "restart = \"no\""
    private static let allExited = "[supervisor]\nexit_when = \"all-exited\"\n"
    private static let anyFailed = "[supervisor]\nexit_when = \"any-failed\"\n"

    // MARK: exit_when

    @Test func theCodeOfWhatFailedFirstIsTheDaemons() throws {
        let simulation = try simulation(
            Self.allExited + service("late", Self.once) + service("first", Self.once) + service("fine", Self.once),
            programs: [
                "late": [ends(.exited(code: 4), after: .seconds(9))], "fine": [ends(.exited(code: 0))],
                "first": [ends(.signaled(.kill, coreDumped: false), after: .seconds(3))],
            ])
        #expect(try simulation.run() == 137)
        let cause = simulation.supervisor.drain.report().cause
        #expect(cause.hasPrefix("nothing is left to run, and first has failed: killed by SIGKILL"), "\(cause)")
    }

    @Test func nothingThatFailedIsZero() throws {
        // A service that failed and was run again has not failed in the end.
        let simulation = try simulation(
            Self.allExited + service("job", "type = \"oneshot\""),
            programs: ["job": [ends(.exited(code: 3)), ends(.exited(code: 0))]])
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 2)
        #expect(simulation.supervisor.drain.report().cause == "nothing is left to run")
    }

    @Test func whatNeverStartedIsOne() throws {
        #expect(try simulation(Self.allExited + service("missing", Self.once)).run() == 1)
        // It ended with 0, before that counted, and what requires it never starts.
        let early = try simulation(
            Self.allExited + service("db", Self.once, "min_uptime = \"10s\"") + service("web", "requires = \"db\""),
            programs: ["db": [ends(.exited(code: 0))]])
        #expect(try early.run() == 1)
        #expect(early.host.spawnCount == 1)
    }

    @Test func whatIsGivenUpWithSuccessIsOne() throws {
        let simulation = try simulation(
            Self.allExited + service("web", "restart = \"always\"", "start_limit_burst = 2"),
            programs: ["web": [ends(.exited(code: 0))]])
        #expect(try simulation.run() == 1)
    }

    @Test func theFirstFailureEndsTheDaemonWhereAskedTo() throws {
        let simulation = try simulation(
            Self.anyFailed + service("web") + service("job", Self.once) + service("fine", Self.once),
            programs: ["job": [ends(.exited(code: 5), after: .seconds(60))], "fine": [ends(.exited(code: 0))]])
        #expect(try simulation.run() == 5)
        let report = simulation.supervisor.drain.report()
        #expect(report.cause == "job has failed: exit code 5, left as it is by its policy 'no'")
        #expect(report.servicesStopped == ["web"])
    }

    @Test func aFailureThatIsTriedAgainEndsNothing() throws {
        let simulation = try simulation(
            Self.anyFailed + service("web", "backoff = \"constant\""),
            programs: ["web": [ends(.exited(code: 5)), ProcessScript()]])
        simulation.host.after(.seconds(600)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 2)
    }

    // MARK: essential

    @Test func anEssentialServiceBehindWhatHasFailedEndsTheDaemonAndSaysByWhat() throws {
        let simulation = try simulation(
            service("migrate", "type = \"oneshot\"", Self.once)
                + service("web", "requires = \"migrate\"", "essential = true"),
            programs: ["migrate": [ends(.exited(code: 3))]])
        #expect(try simulation.run() == 1)
        #expect(
            simulation.supervisor.drain.report().cause == "essential service web cannot start without migrate (EXITED)")
        #expect(
            simulation.log.contains("essential service web cannot start without migrate (EXITED): supd ends with it"))
    }

    @Test func anEssentialServiceBehindWhatIsTriedAgainEndsNothing() throws {
        let simulation = try simulation(
            service("migrate", "type = \"oneshot\"")
                + service("api", "requires = \"migrate\"") + service("web", "requires = \"api\"", "essential = true"),
            programs: ["migrate": [ends(.exited(code: 3)), ends(.exited(code: 0), after: .seconds(60))]])
        var reasons: [String] = []
        simulation.host.onTurn = { _ in
            guard reasons.isEmpty, simulation.supervisor.fleet[0].state == .backoff else { return }
            reasons = [1, 2].map { simulation.supervisor.reason(of: $0) }
        }
        simulation.host.after(.seconds(300)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(
            reasons == ["waits for migrate, which waits for its restart", "waits for api, which waits for migrate"])
        #expect(simulation.place(containing: "web is running") != nil)
    }

    // MARK: Policies

    @Test func aPolicyOfTheDefaultsLeavesAOneshotThatHasDoneItsWork() throws {
        let simulation = try simulation(
            "[defaults]\nrestart = \"always\"\n" + service("migrate", "type = \"oneshot\"")
                + service("web", "requires = \"migrate\""), programs: ["migrate": [ends(.exited(code: 0))]])
        var reason = ""
        simulation.host.after(.seconds(300)) {
            reason = simulation.supervisor.reason(of: 0)
            $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 2)
        #expect(reason == "exit code 0, its work is done")
        #expect(simulation.place(containing: "web is running") != nil)
    }

    /// How long it took until a service with the standard settings was given up; nil where it was not within `limit`.
    private func timeUntilFatal(runsFor: Duration, within limit: Duration, seed: UInt64) throws -> Duration? {
        let simulation = try simulation(
            service("web"), seed: seed, programs: ["web": [ends(.exited(code: 1), after: runsFor)]])
        let begin = simulation.host.now
        var time: Duration?
        simulation.host.onTurn = { host in
            guard time == nil, simulation.supervisor.fleet[0].state == .fatal else { return }
            time = host.now.duration(since: begin)
            host.send(.term)
        }
        simulation.host.after(limit) { $0.send(.term) }
        _ = try simulation.run()
        return time
    }

    @Test func whatFailsAtOnceIsGivenUpWithinMinutesWithTheStandardSettings() throws {
        for seed in 1...200 {
            let time = try timeUntilFatal(runsFor: .milliseconds(10), within: .seconds(3600), seed: UInt64(seed))
            #expect(time.map { $0 < .seconds(60) } == true, "seed \(seed): \(String(describing: time))")
        }
    }

    @Test func whatFailsNowAndThenIsNeverGivenUp() throws {
        for minutes in [1, 10, 60] {
            let time = try timeUntilFatal(runsFor: .seconds(60 * minutes), within: .seconds(7 * 86_400), seed: 1)
            #expect(time == nil, "every \(minutes) minutes")
        }
    }

    @Test func aBreakerIsNotGivenUpForItsTrials() throws {
        let simulation = try simulation(
            service("web", "restart = \"circuit-breaker\""), programs: ["web": [ends(.exited(code: 1))]])
        simulation.host.after(.seconds(86_400)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(!simulation.log.contains("is given up"))
        #expect(simulation.host.spawnCount > 2_000)
    }

    // MARK: min_uptime

    @Test func aStartIsWaitedForUntilItHasStayedUp() throws {
        let simulation = try simulation(
            service("db", "min_uptime = \"10s\"") + service("web", "requires = \"db\""),
            programs: ["db": [ends(.exited(code: 0), after: .seconds(4)), ProcessScript()]])
        let client = simulation.host.connect()
        simulation.order("start", of: "db", at: 1, as: client)
        var reasons: [String] = []
        simulation.host.after(.milliseconds(3_500)) { _ in
            reasons.append(simulation.supervisor.reason(of: 0))
            reasons.append(simulation.supervisor.reason(of: 1))
        }
        simulation.host.after(.milliseconds(4_001)) { _ in reasons.append(simulation.supervisor.reason(of: 0)) }
        let (code, replies) = try simulation.run(until: .seconds(60), listeningAs: client)
        #expect(code == 0)
        #expect(reasons[0].hasSuffix(", up for 3s of its min_uptime of 10s"), "\(reasons)")
        #expect(reasons[1] == "waits for db")
        #expect(
            reasons[2]
                == "exit code 0 before its min_uptime of 10s was over, run again by its policy 'on-failure'")
        #expect(replies.contains("\"state\":\"BACKOFF\""), "\(replies)")
        let places = [simulation.place(of: "db is running, pid"), simulation.place(of: "web is running, pid")]
        #expect(places.compactMap { $0 }.count == 2 && places[0] ?? 0 < places[1] ?? 0)
    }

    // MARK: What a shutdown cuts short

    @Test func aKillThatCameBeforeItsTimeIsInTheReport() throws {
        let simulation = try simulation(
            service("worker", "timeout_stop = \"3600s\"") + service("deaf", "timeout_stop = \"5s\""),
            programs: ["worker": [ProcessScript(obedience: .ignores)], "deaf": [ProcessScript(obedience: .ignores)]])
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let report = simulation.supervisor.drain.report()
        #expect(Set(report.servicesKilled) == ["worker", "deaf"] && report.servicesCutShort == ["worker"])
        #expect(
            simulation.log.contains(
                "the stop of worker is cut short, before the 1h that it may take are over: raise 'services' of [supervisor.drain]"
            ))
        #expect(report.sentence.contains("the time of the drain was over before that to stop of worker"))
    }

    /// Its own SIGKILL came in time; what is run after that has a time of its own, and did not get it.
    @Test func aCommandAfterAStopThatIsCutShortIsInTheReport() throws {
        let command = "exec_stop_post = { command = \"/bin/tidy\", timeout = \"2min\" }"
        let simulation = try simulation(
            service("deaf", "timeout_stop = \"5s\"", command), programs: ["deaf": [ProcessScript(obedience: .ignores)]])
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let report = simulation.supervisor.drain.report()
        #expect(report.servicesKilled == ["deaf"] && report.servicesCutShort == ["deaf"])
        #expect(
            simulation.log.contains(
                "the stop of deaf is cut short, before the 2min 5s that it may take are over: raise "))
    }

    @Test func whoCutsAShutdownShortIsNotToldThatHeDid() throws {
        let simulation = try simulation(
            service("worker", "timeout_stop = \"3600s\""), programs: ["worker": [ProcessScript(obedience: .ignores)]])
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        simulation.host.after(.seconds(3)) { $0.send(.int) }
        #expect(try simulation.run() == 0)
        let report = simulation.supervisor.drain.report()
        #expect(report.servicesKilled == ["worker"] && report.servicesCutShort.isEmpty)
    }

    // MARK: Messages

    @Test func aServiceIsNamedOnceInALineAndInAnAnswer() throws {
        let simulation = try simulation(
            "[service.zebra]\nexec_start = \"/bin/missing\"\n[service.horse]\nexec_start = \"/bin/x\"\nrequires = \"zebra\"\n"
                + "[service.mule]\nexec_start = \"/bin/x\"\nexec_start_pre = \"/bin/missing\"\n")
        let client = simulation.host.connect()
        for (number, name) in ["zebra", "horse", "mule"].enumerated() {
            simulation.order("start", of: name, at: 1_000 + number, as: client)
        }
        let (_, replies) = try simulation.run(until: .seconds(600), listeningAs: client)
        for name in ["zebra", "horse", "mule"] {
            let lines = simulation.log.split(separator: "\n").filter { $0.contains(name) }
            #expect(!lines.isEmpty)
            for line in lines { #expect(line.ranges(of: name).count == 1, "\(line)") }
            let message = try #require(replies.firstMatch(of: try Regex("\"message\":\"([^\"]*\(name)[^\"]*)\"")))
            #expect(message.output[1].substring?.ranges(of: name).count == 1, "\(message.0)")
        }
    }

    // MARK: Signals

    @Test(arguments: ["SIGTERM", "SIGINT", "SIGQUIT", "SIGRTMIN+3"])
    func oneSignalToStopIsADrain(name: String) throws {
        let signal = try #require(Signal(name: name))
        let simulation = try simulation(service("web"))
        simulation.host.after(.seconds(1)) { $0.send(signal) }
        #expect(try simulation.run() == 0)
        #expect(simulation.supervisor.drain.report().cause == name)
        #expect(simulation.supervisor.drain.report().servicesStopped == ["web"])
    }

    @Test func theThirdOfAnyMixtureForces() throws {
        let simulation = try simulation(
            service("deaf", "timeout_stop = \"30s\""), programs: ["deaf": [ProcessScript(obedience: .unkillable)]])
        let names = ["SIGRTMIN+3", "SIGQUIT", "SIGINT"]
        for (number, name) in names.enumerated() {
            let signal = try #require(Signal(name: name))
            simulation.host.after(.milliseconds(1_000 + 1_100 * Int64(number))) { $0.send(signal) }
        }
        #expect(try simulation.run() == 77)
        #expect(simulation.supervisor.drain.report().duration <= .milliseconds(2_800))
    }
}
