import EngineChecks
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// A service whose commands are named for what they are: `/bin/exec_stop`.
private func makeCommanded(
    _ commands: Set<ServiceCommand>, timeout: Duration? = .seconds(5), restart: String = "no",
    _ change: (inout ServiceConfiguration) -> Void = { _ in }
) throws -> ServiceConfiguration {
    try makeService("web", restart: restart) { service in
        for command in commands {
            service.conduct.commands[command] = [
                CommandConfiguration(words: ["/bin/\(command.rawValue)"], timeout: timeout)
            ]
        }
        change(&service)
    }
}

/// What was started, by the programs' names, and with which environment.
private final class Starts {
    private(set) var names: [String] = []
    private(set) var requests: [SpawnRequest] = []

    func note(_ request: SpawnRequest) {
        names.append(String(request.arguments.first?.dropFirst("/bin/".count) ?? ""))
        requests.append(request)
    }

    func variables(of name: String, at place: Int = 0) -> [String: String] {
        let all = zip(names, requests).filter { $0.0 == name }.map(\.1)
        guard place < all.count else { return [:] }
        let pairs = all[place].environment.compactMap { variable -> (String, String)? in
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

@Suite struct CommandTests {
    private let starts = Starts()

    /// Commands that take a tenth of a second and do as `script` says; the program runs until it is stopped.
    private func simulation(
        _ service: ServiceConfiguration, seed: UInt64, _ script: @escaping (String) -> ProcessScript? = { _ in nil }
    ) throws -> Simulation {
        let simulation = try Simulation([service], seed: seed)
        let starts = starts
        simulation.host.program = { request in
            starts.note(request)
            let name = String(request.arguments.first?.dropFirst("/bin/".count) ?? "")
            let standard = name == "web" ? ProcessScript() : ProcessScript(runsFor: .milliseconds(100))
            return .success(script(name) ?? standard)
        }
        return simulation
    }

    private func machine(_ simulation: Simulation) -> ServiceMachine { simulation.supervisor.fleet[0] }

    @Test func commandsRunAroundTheProgramInTheirOrder() throws {
        let simulation = try simulation(makeCommanded([.startPre, .startPost, .stop, .stopPost]), seed: 71)
        var states: [ServiceState] = []
        for at in [50, 150, 1_000] {
            simulation.host.after(.milliseconds(at)) { _ in states.append(machine(simulation).state) }
        }
        simulation.host.after(.seconds(2)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(starts.names == ["exec_start_pre", "web", "exec_start_post", "exec_stop", "exec_stop_post"])
        #expect(states == [.starting, .starting, .running])
        let pid = simulation.host.spawnCount > 0 ? starts.variables(of: "exec_start_post")["MAINPID"] : nil
        #expect(pid != nil && starts.variables(of: "exec_stop")["MAINPID"] == pid)
        #expect(starts.variables(of: "exec_start_pre")["MAINPID"] == nil)
        let last = starts.variables(of: "exec_stop_post")
        #expect(last["SERVICE_RESULT"] == "success" && last["EXIT_CODE"] == "killed" && last["EXIT_STATUS"] == "TERM")
        #expect(simulation.host.violations == [])
    }

    @Test func aProgramIsNotBegunWhereACommandBeforeItFails() throws {
        let simulation = try simulation(makeCommanded([.startPre, .startPost, .stop, .stopPost]), seed: 72) {
            $0 == "exec_start_pre" ? ProcessScript(runsFor: .milliseconds(100), ends: .exited(code: 4)) : nil
        }
        let reason = try simulation.reason(after: .seconds(2))
        #expect(starts.names == ["exec_start_pre", "exec_stop_post"])
        #expect(reason == "exec_start_pre: exit code 4, left as it is by its policy 'no'")
        #expect(simulation.place(containing: "web: exec_start_pre /bin/exec_start_pre ended: exit code 4") != nil)
        #expect(starts.variables(of: "exec_stop_post")["SERVICE_RESULT"] == "exit-code")
    }

    /// Its pipe is read when it has ended, or later where that takes its time.
    @Test(arguments: [nil, Duration.milliseconds(30)])
    func whatAFailedCommandSaidLastIsKnownHoweverLateItIsRead(readTime: Duration?) throws {
        var said = ProcessScript(runsFor: .milliseconds(100), ends: .exited(code: 4))
        said.says = "looking\nno table users\n"
        said.readTime = readTime
        let simulation = try simulation(makeCommanded([.startPre]), seed: 79) {
            $0 == "exec_start_pre" ? said : nil
        }
        let reason = try simulation.reason(after: .seconds(2))
        let ending = "exec_start_pre: exit code 4, last said \"no table users\""
        #expect(reason == ending + ", left as it is by its policy 'no'", "\(simulation.log)")
    }

    @Test func aProgramIsTakenDownWhereACommandAfterItFails() throws {
        let simulation = try simulation(makeCommanded([.startPost, .stop], restart: "on-failure"), seed: 73) {
            [starts] name in
            // The first time only.
            name == "exec_start_post" && starts.names.count < 3
                ? ProcessScript(runsFor: .milliseconds(100), ends: .exited(code: 1)) : nil
        }
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(starts.names == ["web", "exec_start_post", "web", "exec_start_post", "exec_stop"])
        #expect(simulation.place(containing: "will be run again") != nil)
        #expect(simulation.host.violations == [])
    }

    @Test func aFailureThatIsIgnoredIsNone() throws {
        let service = try makeCommanded([.startPre]) {
            $0.conduct.commands[.startPre]?[0].ignoresFailure = true
            $0.conduct.commands[.startPre]?.append(CommandConfiguration(words: ["/bin/second"], timeout: nil))
        }
        let simulation = try simulation(service, seed: 74) {
            $0 == "exec_start_pre" ? ProcessScript(runsFor: .milliseconds(100), ends: .exited(code: 4)) : nil
        }
        simulation.host.after(.seconds(2)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(starts.names == ["exec_start_pre", "second", "web"])
    }

    @Test func eachCommandHasADeadlineOfItsOwn() throws {
        let simulation = try simulation(makeCommanded([.startPre], timeout: .seconds(3)), seed: 75) {
            $0 == "exec_start_pre" ? ProcessScript(obedience: .ignores) : nil
        }
        var stateBefore: ServiceState?
        simulation.host.after(.milliseconds(2_900)) { _ in stateBefore = machine(simulation).state }
        simulation.host.after(.seconds(4)) { host in
            #expect(machine(simulation).state == .exited)
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(stateBefore == .starting)
        #expect(simulation.place(containing: "killed by SIGKILL, it ran for longer than 3s") != nil)
    }

    /// Of the one before a stop too, which is no end of a start.
    @Test(arguments: [ServiceCommand.startPre, .startPost, .stop])
    func whatOverrunsItsTimeIsATimeout(command: ServiceCommand) throws {
        let simulation = try simulation(makeCommanded([command, .stopPost], timeout: .seconds(3)), seed: 82) {
            $0 == command.rawValue ? ProcessScript(obedience: .ignores) : nil
        }
        var reason = ""
        var forced: ForcedEnd?
        simulation.host.after(.seconds(5)) { host in
            reason = simulation.supervisor.reason(of: 0)
            forced = simulation.supervisor.status(of: 0).lastExit?.forced?.known
            host.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(starts.variables(of: "exec_stop_post")["SERVICE_RESULT"] == "timeout")
        #expect(simulation.place(containing: "it ran for longer than 3s") != nil)
        guard command != .stop else { return }
        #expect(forced == .commandTimeout)
        #expect(
            reason
                == "\(command.rawValue): overran its timeout, killed by SIGKILL, left as it is by its policy 'no'")
    }

    @Test(arguments: [KillMode.controlGroup, .mixed, .process])
    func aStopDuringACommandBeforeTheProgramEndsIt(mode: KillMode) throws {
        let service = try makeCommanded([.startPre, .stop, .stopPost], timeout: nil) { $0.conduct.killMode = mode }
        let simulation = try simulation(service, seed: 76) {
            guard $0 == "exec_start_pre" else { return nil }
            // What this kill mode leaves alone is the shutdown's to end.
            let left: [ProcessScript.Obedience] = mode == .process ? [] : [.ends(after: .milliseconds(20))]
            return ProcessScript(obedience: .exits(after: .milliseconds(5)), leftovers: left)
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        // exec_stop is for what was up.
        #expect(starts.names == ["exec_start_pre", "exec_stop_post"])
        #expect(machine(simulation).state == .stopped && simulation.host.livingProcesses == 0)
        #expect(!machine(simulation).killed && simulation.supervisor.drain.report().duration < .seconds(1))
    }

    /// What a failed start brings about at once comes after what was decided before it: a deadline of then is not taken back.
    @Test func aCommandThatCannotBeStartedTakesNoDeadlineAway() throws {
        for command in [ServiceCommand.stop, .startPost] {
            let service = try makeCommanded([command]) {
                $0.conduct.runtimeMax = .seconds(20)
                $0.conduct.stopSteps = [StopStep(signal: .term, wait: .seconds(2))]
                $0.conduct.commands[command]?[0].ignoresFailure = true
            }
            let simulation = try Simulation([service], seed: 78)
            simulation.host.program = { request in
                guard request.arguments.first != "/bin/web" else {
                    return .success(ProcessScript(obedience: .ignores))
                }
                return .failure(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/nothing"))
            }
            if command == .stop {
                let client = simulation.host.connect()
                simulation.host.after(.seconds(1)) {
                    $0.send(#"{"id":1,"method":"service.stop","params":{"services":["web"]}}"# + "\n", as: client)
                }
            }
            var stateAfter: ServiceState?
            simulation.host.after(.seconds(command == .stop ? 4 : 23)) { host in
                stateAfter = machine(simulation).state
                host.send(.term)
            }
            #expect(try simulation.run() == 0)
            #expect(stateAfter == (command == .stop ? .stopped : .exited), "\(command)")
        }
    }

    /// Between two of its commands: the second is not begun, and that is no success.
    @Test func aReloadThatIsCutShortIsNoSuccess() throws {
        let service = try makeCommanded([.reload]) {
            $0.conduct.commands[.reload] = ["/bin/one", "/bin/two"].map {
                CommandConfiguration(words: [$0], timeout: nil)
            }
            $0.conduct.killMode = .mixed
        }
        let simulation = try simulation(service, seed: 79) {
            $0 == "web" ? ProcessScript(obedience: .exits(after: .seconds(1))) : nil
        }
        let client = simulation.host.connect()
        simulation.order("reload", of: "web", at: 1_000, as: client)
        simulation.order("stop", of: "web", at: 1_050, as: client)
        let (code, reply) = try simulation.run(until: .seconds(3), listeningAs: client)
        #expect(code == 0)
        #expect(reply.contains("exec_reload of web: the service went down before it was done"), "\(reply)")
        #expect(!starts.names.contains("two"))
    }

    @Test func whatEndsByItselfIsStoppedByItsCommandsToo() throws {
        let simulation = try simulation(makeCommanded([.stop, .stopPost]), seed: 77) {
            $0 == "web" ? ProcessScript(runsFor: .seconds(1), ends: .exited(code: 9)) : nil
        }
        simulation.host.after(.seconds(3)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(starts.names == ["web", "exec_stop", "exec_stop_post"])
        for name in ["exec_stop", "exec_stop_post"] {
            let told = starts.variables(of: name)
            #expect(told["EXIT_CODE"] == "exited" && told["EXIT_STATUS"] == "9" && told["MAINPID"] == nil, "\(name)")
        }
        #expect(machine(simulation).lastExit?.outcome == .exited(code: 9))
    }

    @Test func whatACommandAfterTheStopLeavesBehindIsKilled() throws {
        let simulation = try simulation(makeCommanded([.stopPost]), seed: 78) {
            $0 == "exec_stop_post" ? ProcessScript(runsFor: .milliseconds(10), leftovers: [.ignores, .ignores]) : nil
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.livingProcesses == 0 && machine(simulation).state == .stopped)
    }

    @Test func anOrderWaitsForACommandThatHangsAtMostAsLongAsItMayRun() throws {
        let simulation = try simulation(makeCommanded([.stop], timeout: .seconds(2)), seed: 79) {
            $0 == "exec_stop" ? ProcessScript(obedience: .ignores) : nil
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let took = simulation.supervisor.drain.report().duration
        #expect(took >= .seconds(2) && took < .milliseconds(2_100))
    }

    /// Its own time is not what was over.
    @Test func aCommandThatAShutdownCutsShortIsToldAsThat() throws {
        let service = try makeCommanded([.stop, .stopPost], timeout: .seconds(20))
        let simulation = try Simulation([service], seed: 84, drain: DrainBudget(services: .seconds(1)))
        simulation.host.program = { request in
            .success(request.arguments.first == "/bin/web" ? ProcessScript() : ProcessScript(obedience: .ignores))
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        _ = try simulation.run()
        let said = "exec_stop_post /bin/exec_stop_post ended: killed by SIGKILL, the shutdown had no more time for it"
        #expect(simulation.place(containing: said) != nil)
        #expect(simulation.place(containing: "it ran for longer than") == nil)
    }

    /// It was killed as its own time was over; the drain has plenty.
    @Test func aCommandAfterAKillInTimeHasItsOwnTimeInAShutdown() throws {
        let service = try makeCommanded([.stopPost], timeout: .seconds(20)) {
            $0.conduct.stopSteps = [StopStep(signal: .term, wait: .milliseconds(100))]
        }
        let simulation = try simulation(service, seed: 85) {
            $0 == "web" ? ProcessScript(obedience: .ignores) : ProcessScript(runsFor: .seconds(5))
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.place(containing: "exec_stop_post /bin/exec_stop_post ended") == nil)
        let took = simulation.supervisor.drain.report().duration
        #expect(took >= .seconds(5) && took < .milliseconds(5_500), "\(took)")
    }

    @Test func aForcedShutdownWaitsForNoCommand() throws {
        let simulation = try simulation(makeCommanded([.stop], timeout: nil), seed: 80) {
            $0 == "exec_stop" ? ProcessScript(obedience: .ignores) : nil
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        simulation.host.after(.seconds(2)) {
            $0.send(.int)
            $0.send(.quit)
        }
        #expect(try simulation.run() == 77)
        #expect(simulation.host.livingProcesses == 0)
        #expect(simulation.supervisor.drain.report().duration < .milliseconds(1_500))
    }

    @Test func whatRunsForTooLongIsStoppedAndItsPolicyIsAsked() throws {
        let service = try makeCommanded([], restart: "on-failure") { $0.conduct.runtimeMax = .seconds(10) }
        let simulation = try simulation(service, seed: 81)
        var exit: ExitRecord?
        simulation.host.after(.milliseconds(10_500)) { _ in exit = machine(simulation).lastExit }
        simulation.host.after(.seconds(15)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(starts.names == ["web", "web"])
        #expect(exit?.forced == .runtimeMax && exit?.outcome == .signaled(.term, coreDumped: false))
        #expect(machine(simulation).restarts == 1)
    }
}

/// `service.reload` in virtual time.
@Suite struct ReloadTests {
    private func reload(
        _ commands: [ServiceCommand: [CommandConfiguration]], at: Int = 1_000, seed: UInt64,
        _ script: ProcessScript? = ProcessScript(runsFor: .milliseconds(100)), wait: Bool = true
    ) throws -> (reply: String, machine: ServiceMachine) {
        let service = try makeService("web", restart: "no") { $0.conduct.commands = commands }
        let simulation = try Simulation([service], seed: seed)
        simulation.host.program = { request in
            if request.arguments.first == "/bin/web" { return .success(ProcessScript(runsFor: .seconds(20))) }
            guard let script else {
                return .failure(SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/bin/reload"))
            }
            return .success(script)
        }
        let client = simulation.host.connect()
        simulation.host.after(.milliseconds(Int64(at))) {
            $0.send(
                #"{"id":1,"method":"service.reload","params":{"services":["web"],"wait":\#(wait)}}"# + "\n",
                as: client)
        }
        var reply = ""
        var machine = simulation.supervisor.fleet[0]
        simulation.host.after(.seconds(30)) { host in
            reply = host.receive(as: client)
            machine = simulation.supervisor.fleet[0]
            host.send(.term)
        }
        _ = try simulation.run()
        return (reply, machine)
    }

    private let command = [CommandConfiguration(words: ["/bin/reload"], timeout: .seconds(2))]

    @Test func theServiceRunsOn() throws {
        let (reply, machine) = try reload([.reload: command], seed: 91)
        #expect(reply.contains(#""state":"RUNNING""#) && !reply.contains(#""error""#), "\(reply)")
        #expect(machine.lastExit?.outcome == .exited(code: 0) && machine.attempt == 1)
    }

    @Test func oneThatFailsIsTheOrdersFailureAndNotTheServices() throws {
        let failing = ProcessScript(runsFor: .milliseconds(10), ends: .exited(code: 5))
        let (reply, machine) = try reload([.reload: command], seed: 92, failing)
        #expect(reply.contains("exec_reload of web: exit code 5") && reply.contains(#""state":"RUNNING""#), "\(reply)")
        #expect(machine.attempt == 1)
    }

    @Test func oneThatHangsIsKilledAtItsDeadline() throws {
        let (reply, _) = try reload([.reload: command], seed: 93, ProcessScript(obedience: .ignores))
        #expect(reply.contains("exec_reload of web: overran its timeout, killed by SIGKILL"), "\(reply)")
    }

    @Test func oneThatCannotBeStartedIsAnsweredAtOnce() throws {
        let (reply, machine) = try reload([.reload: command], seed: 97, nil)
        #expect(reply.contains("exec_reload of web: ") && reply.contains(#""state":"RUNNING""#), "\(reply)")
        #expect(machine.attempt == 1)
        let ignored = [CommandConfiguration(words: ["/bin/reload"], timeout: nil, ignoresFailure: true)]
        #expect(try !reload([.reload: ignored], seed: 98, nil).reply.contains(#""error""#))
    }

    /// No kill mode lets a command outlast the service it is for.
    @Test(arguments: KillMode.allCases)
    func oneThatHangsGoesWithItsService(mode: KillMode) throws {
        let service = try makeService("web", restart: "no") {
            $0.conduct.commands = [.reload: [CommandConfiguration(words: ["/bin/reload"], timeout: nil)]]
            $0.conduct.killMode = mode
            $0.conduct.stopSteps = [StopStep(signal: .term, wait: .seconds(2))]
        }
        let simulation = try Simulation([service], seed: 99)
        simulation.host.program = { request in
            .success(ProcessScript(obedience: request.arguments.first == "/bin/web" ? .exits(after: .zero) : .ignores))
        }
        let client = simulation.host.connect()
        simulation.order("reload", of: "web", at: 1_000, as: client)
        simulation.order("stop", of: "web", at: 2_000, as: client)
        let (code, reply) = try simulation.run(until: .seconds(5), listeningAs: client)
        #expect(code == 0)
        #expect(reply.split(separator: "\n").count == 2 && reply.contains(#""state":"STOPPED""#), "\(reply)")
        #expect(simulation.supervisor.drain.report().duration < .seconds(1))
    }

    @Test func whatHasNoneOrDoesNotRunIsRefused() throws {
        #expect(try reload([:], seed: 94).reply.contains("web has no exec_reload"))
        #expect(try reload([.reload: command], at: 25_000, seed: 95).reply.contains("there is nothing to reload"))
    }

    @Test func anOrderThatDoesNotWaitIsAnsweredAtOnce() throws {
        let (reply, _) = try reload([.reload: command], seed: 96, wait: false)
        #expect(reply.contains(#""state":"RUNNING""#), "\(reply)")
    }
}
