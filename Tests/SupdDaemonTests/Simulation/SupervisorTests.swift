import EngineChecks
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

@Suite struct SupervisorTests {
    @Test func servicesStartInTheirOrderAndStopAgainstIt() throws {
        let simulation = try Simulation(
            [
                makeService("web", requires: ["cache"]), makeService("cache", requires: ["db"]), makeService("db"),
            ], seed: 1)
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let up = ["db", "cache", "web"].map { simulation.place(of: "\($0) is running, pid") }
        let down = ["web", "cache", "db"].map { simulation.place(of: "\($0) is stopped") }
        let places = (up + down).compactMap { $0 }
        #expect(places.count == 6)
        #expect(places == places.sorted())
    }

    @Test func theServiceManagerIsToldOnceItIsReadyAndThatItStops() throws {
        let simulation = try Simulation([makeService("web")], seed: 2)
        simulation.host.after(.seconds(2)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let told = simulation.host.notifications
        let ready = told.indices.filter { told[$0].hasPrefix("READY=1") }
        let stopping = told.indices.filter { told[$0].hasPrefix("STOPPING=1") }
        #expect(ready.count == 1)
        #expect(stopping.count == 1)
        #expect(told.contains { $0.hasPrefix("EXTEND_TIMEOUT_USEC=") })
        #expect(ready[0] < stopping[0])
    }

    @Test func aStopWhileStartingNeverSaysReady() throws {
        let simulation = try Simulation(
            [makeService("migrate") { $0.conduct.type = .oneshot }, makeService("web", requires: ["migrate"])], seed: 3)
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(!simulation.host.notifications.contains { $0.hasPrefix("READY=1") })
        #expect(simulation.host.spawnCount == 1)
    }

    @Test func aServiceThatIgnoresTheSignalIsKilledAtItsTimeAndNamed() throws {
        let simulation = try Simulation([makeService("deaf")], seed: 4)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .ignores, leftovers: [.ignores, .ignores])) }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.livingProcesses == 0)
        #expect(simulation.supervisor.drain.report().servicesKilled == ["deaf"])
        #expect(simulation.supervisor.drain.report().duration < .seconds(11))
    }

    @Test func aProcessThatCannotBeKilledIsAbandonedByNameAtTheDeadline() throws {
        let simulation = try Simulation([makeService("stuck"), makeService("fine")], seed: 5)
        simulation.host.program = { request in
            .success(ProcessScript(obedience: request.arguments == ["/bin/stuck"] ? .unkillable : .exits(after: .zero)))
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 76)
        let report = simulation.supervisor.drain.report()
        #expect(report.servicesAbandoned.map(\.name) == ["stuck"])
        #expect(report.servicesStopped == ["fine"])
        #expect(report.tasksAbandoned.map(\.name) == ["service stuck"])
        #expect(report.duration <= .seconds(60))
    }

    @Test func aSecondSignalCapsTheRestAndAThirdForcesTheEnd() throws {
        let simulation = try Simulation([makeService("deaf") { $0.conduct.stopSteps[0].wait = .seconds(30) }], seed: 6)
        simulation.host.program = { _ in .success(ProcessScript(obedience: .unkillable)) }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        simulation.host.after(.milliseconds(1500)) { $0.send(.term) }
        simulation.host.after(.seconds(3)) { $0.send(.term) }
        simulation.host.after(.seconds(4)) { $0.send(.int) }
        #expect(try simulation.run() == 77)
        #expect(simulation.supervisor.drain.report().duration <= .milliseconds(3500))
    }

    @Test func aSecondSignalAmongTasksThatHangLeavesTheServicesTimeToGoInPeace() throws {
        let simulation = try Simulation([makeService("slow"), makeService("deaf")], seed: 11)
        simulation.host.program = { request in
            .success(
                ProcessScript(obedience: request.arguments == ["/bin/slow"] ? .exits(after: .seconds(1)) : .ignores))
        }
        for phase in [DrainPhase.quiesce, .jobs] {
            _ = try simulation.supervisor.drain.tasks.register("stuck in \(phase.name)", kind: .job, phase: phase)
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        simulation.host.after(.seconds(3)) { $0.send(.term) }
        #expect(try simulation.run() == 75)
        let report = simulation.supervisor.drain.report()
        #expect(report.servicesStopped == ["slow"])
        #expect(report.servicesKilled == ["deaf"])
        #expect(report.tasksAbandoned.map(\.name) == ["stuck in quiesce", "stuck in jobs"])
        #expect(report.duration <= .seconds(7))
        #expect(simulation.host.livingProcesses == 0)
    }

    @Test(arguments: [
        ("/simulated/control.sock", "/simulated/last-shutdown.json"), ("/control.sock", "/last-shutdown.json"),
        ("control.sock", "last-shutdown.json"), ("./run/control.sock", "./run/last-shutdown.json"),
    ])
    func theReportIsWrittenBesideTheSocket(socket: String, path: String) throws {
        let simulation = try Simulation([makeService("web")], seed: 7, socketPath: socket)
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let report = simulation.host.files[path].map { String(decoding: $0, as: UTF8.self) }
        #expect(report?.hasPrefix(#"{"cause":"SIGTERM""#) == true)
        #expect(simulation.host.isReleased)
    }

    /// What is not there when the daemon ends is lost: a machine that is busy is waited for, a disk that hangs is not for long, and neither
    /// beyond the end.
    @Test(arguments: [
        (Duration.milliseconds(900), Duration.seconds(20), nil), (.seconds(2), .seconds(20), "1s"),
        (.milliseconds(900), .milliseconds(200), "250ms"),
    ])
    func theReportHasTimeToBeWritten(takes: Duration, timeout: Duration, lateAfter bound: String?) throws {
        let simulation = try Simulation(
            [makeService("web")], seed: 7, drain: DrainBudget(timeout: timeout), socketPath: "/run/control.sock")
        simulation.host.writingTime = takes
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect((simulation.host.files["/run/last-shutdown.json"] == nil) == (bound != nil))
        let told = "the drain's report is not in /run/last-shutdown.json after \(bound ?? ""), and may never be"
        #expect(simulation.log.contains(told) == (bound != nil))
    }

    @Test func anEssentialServiceTakesTheDaemonWithItAndGivesItsCode() throws {
        let simulation = try Simulation(
            [makeService("main", restart: "no") { $0.conduct.essential = true }, makeService("side")], seed: 8)
        simulation.host.program = { request in
            .success(
                request.arguments == ["/bin/main"]
                    ? ProcessScript(runsFor: .seconds(3), ends: .exited(code: 42)) : ProcessScript())
        }
        #expect(try simulation.run() == 42)
        #expect(simulation.host.livingProcesses == 0)
    }

    @Test func nothingIsBegunOnceAnEssentialServiceHasTakenTheDaemonWithIt() throws {
        let simulation = try Simulation(
            [makeService("main", restart: "no") { $0.conduct.essential = true }, makeService("side")], seed: 12)
        simulation.host.program = { request in
            request.arguments == ["/bin/main"]
                ? .failure(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/main"))
                : .success(ProcessScript())
        }
        #expect(try simulation.run() == 1)
        #expect(simulation.host.spawnCount == 0)
        #expect(simulation.place(of: "side is running, pid") == nil)
        #expect(simulation.supervisor.fleet.machines.allSatisfy { !$0.isLive })
    }

    @Test func whatWasToRunAndHasEndedEndsTheDaemonAtOnce() throws {
        let simulation = try Simulation(
            [makeService("job", restart: "no") { $0.conduct.type = .oneshot }], seed: 13, exitWhen: .allExited)
        simulation.host.program = { _ in .success(ProcessScript(runsFor: .seconds(2), ends: .exited(code: 0))) }
        #expect(try simulation.run() == 0)
        #expect(simulation.supervisor.drain.report().duration < .milliseconds(100))
    }

    @Test func whatIsDrainedSaysSoUntilItIsToldToShutDown() throws {
        let simulation = try Simulation([makeService("web")], seed: 14)
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(#"{"id":1,"method":"supervisor.drain","params":{"wait":true}}"# + "\n", as: client)
        }
        var late = client
        simulation.host.after(.seconds(5)) { host in
            host.send(#"{"id":2,"method":"service.start","params":{"services":["web"]}}"# + "\n", as: client)
            late = host.connect()
            host.send(#"{"id":3,"method":"tasks.list"}"# + "\n", as: late)
        }
        simulation.host.after(.seconds(9)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let told = simulation.host.notifications
        #expect(told.contains("STATUS=Drained: 0 of 1 running; waits for the order to shut down"))
        #expect(
            simulation.host.receive(as: client).contains("and starts nothing; 'supctl resume' undoes that once it is"))
        #expect(simulation.host.receive(as: late).ranges(of: #""name":"control uid"#).count == 2)
    }

    /// What a restart of `web` is answered that needs `db`, which has ended after a second and comes to `next` when it is run again.
    private func restartReplies(
        db: ServiceConfiguration, next: Result<ProcessScript, SpawnFailure>, seed: UInt64
    ) throws -> String {
        let simulation = try Simulation([db, makeService("web", requires: ["db"])], seed: seed)
        var launches = 0
        simulation.host.program = { request in
            guard request.candidates.first?.hasSuffix("db") == true else { return .success(ProcessScript()) }
            launches += 1
            return launches == 1 ? .success(ProcessScript(runsFor: .seconds(1), ends: .exited(code: 3))) : next
        }
        let client = simulation.host.connect()
        simulation.host.after(.seconds(3)) {
            $0.send(
                #"{"id":1,"method":"service.restart","params":{"services":["web"],"wait":true}}"# + "\n", as: client)
        }
        var replies = ""
        simulation.host.after(.seconds(60)) {
            replies = $0.receive(as: client)
            $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        return replies
    }

    /// What it needs has failed while it ran: there will be no other attempt, and who waits for one is told.
    @Test func aRestartOfWhatCannotStartAgainIsAnswered() throws {
        let failure = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/db")
        let replies = try restartReplies(db: makeService("db", restart: "no"), next: .failure(failure), seed: 16)
        #expect(
            replies.contains("web is STOPPED: cannot start without db (FATAL)")
                && replies.contains(#""kind":"failed""#), "\(replies)")
    }

    /// What it needs is run again: it is waited for.
    @Test func aRestartOfWhatWaitsForAnotherIsAnsweredOnceItIsUp() throws {
        struct Pause: Backoff {
            let resetAfter: Duration? = nil
            func delay(for context: BackoffContext) -> Duration { .seconds(5) }
        }
        let db = try makeService("db", restart: "always") { $0.conduct.backoff = Pause() }
        let replies = try restartReplies(db: db, next: .success(ProcessScript()), seed: 17)
        #expect(replies.contains(#""state":"RUNNING""#) && !replies.contains(#""kind":"failed""#), "\(replies)")
    }

    @Test func aServiceThatCannotStartWithoutAnotherIsNamedOnceAndCounted() throws {
        let simulation = try Simulation(
            [makeService("db", restart: "no"), makeService("web", requires: ["db"])], seed: 15)
        simulation.host.program = { _ in
            .failure(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/db"))
        }
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.log.ranges(of: "web cannot start without db (FATAL)").count == 1)
        #expect(
            simulation.host.notifications.contains {
                $0.hasSuffix("STATUS=0 of 2 running; fatal: db; blocked: web")
            })
    }

    @Test func wantOfProcessesIsNotTheServicesFault() throws {
        let simulation = try Simulation(
            [
                makeService("web", restart: "no") {
                    $0.conduct.startLimit = StartLimit(burst: 1, interval: .seconds(10))
                }
            ],
            seed: 9)
        var spawns = 0
        simulation.host.failure = { call, _ in
            guard call == .spawn else { return nil }
            spawns += 1
            return spawns <= 3 ? ErrorNumber(11) : nil
        }
        simulation.host.after(.seconds(20)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.supervisor.drain.report().servicesStopped == ["web"])
        #expect(spawns == 4)
    }

    @Test func aClientWithoutADescriptorIsToldThatTheDaemonIsBusyAndTheLogSaysItOnce() throws {
        let simulation = try Simulation([makeService("web")], seed: 12)
        var isShort = true
        simulation.host.failure = { call, _ in call == .accept && isShort ? ErrorNumber(24) : nil }
        for time in 1...3 {
            simulation.host.after(.seconds(time)) { host in
                isShort = time != 2
                let clients = [host.connect(), host.connect()]
                host.after(.milliseconds(1)) { host in
                    for client in clients {
                        let answer = host.receive(as: client)
                        #expect(answer.contains(#""kind":"busy""#) == isShort, "\(answer)")
                        #expect(host.isClosed(client) == isShort)
                    }
                }
            }
        }
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.log.split(separator: "\n").filter { $0.contains("no file descriptor left") }.count == 1)
        #expect(simulation.log.contains("within the last minute also: 3 connections of uid 0 refused"))
    }

    @Test func everyCallMayFailOnceAndTheEndIsTheSame() throws {
        func scenario(failing number: Int?) throws -> (code: Int32, calls: Int, host: SimulatedHost) {
            let simulation = try Simulation(
                [
                    makeService("db") {
                        $0.conduct.log.sink = .file
                        $0.conduct.log.file = "/log/db"
                        for command in [ServiceCommand.startPre, .startPost, .stop, .stopPost] {
                            $0.conduct.commands[command] = [
                                CommandConfiguration(words: ["/bin/tool"], timeout: .seconds(1))
                            ]
                        }
                    }, makeService("web", requires: ["db"]),
                ],
                seed: 10)
            simulation.host.program = { request in
                let life: Duration? = request.arguments.first == "/bin/tool" ? .milliseconds(5) : nil
                return .success(ProcessScript(runsFor: life, leftovers: [.ends(after: .milliseconds(3))]))
            }
            simulation.host.failure = { _, call in call == number ? ErrorNumber(5) : nil }
            let client = simulation.host.connect()
            simulation.host.send(
                #"{"id":1,"method":"service.restart","params":{"services":["db"],"wait":true}}"# + "\n", as: client)
            simulation.host.after(.seconds(3)) { $0.kill(service: "web", .kill) }
            simulation.host.after(.seconds(30)) { $0.send(.term) }
            let code = try simulation.run()
            return (code, simulation.host.calls, simulation.host)
        }
        let calls = try scenario(failing: nil).calls
        #expect(calls > 20)
        for number in 1...calls {
            let outcome = try scenario(failing: number)
            #expect(outcome.code == 0, "call \(number) failing")
            #expect(outcome.host.livingProcesses == 0, "call \(number) failing")
            #expect(outcome.host.violations.isEmpty, "call \(number) failing: \(outcome.host.violations)")
        }
    }
}
