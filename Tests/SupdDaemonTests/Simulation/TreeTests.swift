import EngineChecks
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// What is left of trees: awaited no longer than it may be, told, and looked at no more often than it must.
@Suite struct TreeTests {
    private func machine(_ simulation: Simulation) -> ServiceMachine { simulation.supervisor.fleet[0] }

    private func makeService(_ change: (inout ServiceConfiguration) -> Void = { _ in }) throws -> ServiceConfiguration {
        try SupdDaemonTests.makeService("web", restart: "no", change)
    }

    /// Its start has a limit, and what keeps it from beginning is named.
    @Test func whatACommandBeforeTheProgramLeavesCountsAgainstTheStart() throws {
        let service = try makeService {
            $0.conduct.commands[.startPre] = [CommandConfiguration(words: ["/bin/pre"], timeout: .seconds(5))]
            $0.conduct.timeoutStart = .seconds(2)
            $0.conduct.stopSteps = [StopStep(signal: .term, wait: .milliseconds(100))]
        }
        var drain = DrainBudget()
        drain.timeout = .seconds(5)
        let simulation = try Simulation([service], seed: 91, drain: drain)
        simulation.host.program = { request in
            let isCommand = request.arguments.first == "/bin/pre"
            return .success(
                isCommand ? ProcessScript(runsFor: .milliseconds(10), leftovers: [.unkillable]) : ProcessScript())
        }
        var states: [ServiceState] = []
        var reason = ""
        for at in [1_900, 2_100] {
            simulation.host.after(.milliseconds(Int64(at))) { _ in
                states.append(machine(simulation).state)
                reason = simulation.supervisor.reason(of: 0)
            }
        }
        simulation.host.after(.seconds(3)) { $0.send(.term) }
        _ = try simulation.run()
        #expect(states == [.starting, .stopping])
        #expect(reason.hasPrefix("exec_start_pre: could not start: leftovers of "), "\(reason)")
        #expect(reason.contains(" (web): EBUSY"), "\(reason)")
        #expect(reason.contains("not ended on SIGKILL within timeout_start (2s)"), "\(reason)")
        #expect(simulation.host.spawnCount == 1)
        #expect(simulation.place(containing: "web could not be started: leftovers of ") != nil)
    }

    /// It is killed again and again, so that what is born meanwhile goes too; and then the program begins.
    @Test func whatACommandBeforeTheProgramLeavesIsKilledFirst() throws {
        let service = try makeService {
            $0.conduct.commands[.startPre] = [CommandConfiguration(words: ["/bin/pre"], timeout: .seconds(5))]
        }
        let simulation = try Simulation([service], seed: 92)
        simulation.host.program = { request in
            let isCommand = request.arguments.first == "/bin/pre"
            return .success(
                isCommand
                    ? ProcessScript(runsFor: .milliseconds(10), leftovers: [.ignores, .ignores]) : ProcessScript())
        }
        var state: ServiceState?
        simulation.host.after(.milliseconds(100)) {
            state = machine(simulation).state; $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(state == .running && simulation.host.violations == [])
    }

    /// A look that failed is one that was not made: nothing follows from it, and it is made again.
    @Test func whatCouldNotBeLookedAtIsNotTakenForGone() throws {
        let simulation = try Simulation([makeService()], seed: 93)
        simulation.host.program = { _ in
            .success(ProcessScript(runsFor: .seconds(1), leftovers: [.ends(after: .milliseconds(5))]))
        }
        simulation.host.after(.milliseconds(900)) { $0.isBlind = true }
        var states: [ServiceState] = []
        simulation.host.after(.milliseconds(1_500)) {
            states.append(machine(simulation).state)
            $0.isBlind = false
        }
        simulation.host.after(.milliseconds(1_600)) {
            states.append(machine(simulation).state)
            $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(states == [.stopping, .exited])
        #expect(simulation.host.livingProcesses == 0)
    }

    /// The same of what is left running: it is not forgotten for a look that failed.
    @Test func whatCouldNotBeLookedAtIsStillLeftRunning() throws {
        let simulation = try Simulation([try makeService { $0.conduct.killMode = .process }], seed: 95)
        simulation.host.program = { _ in .success(ProcessScript(leftovers: [.ignores])) }
        let client = simulation.host.connect()
        simulation.host.after(.milliseconds(100)) {
            $0.send(#"{"method":"service.restart","params":{"services":["web"]}}"# + "\n", as: client)
        }
        var counts: [Int] = []
        for (at, isBlind) in [(2, false), (4, true), (6, true), (8, false)] {
            simulation.host.after(.seconds(Int64(at))) {
                $0.isBlind = isBlind
                counts.append(simulation.supervisor.status(of: 0).leftBehind.count)
            }
        }
        simulation.host.after(.seconds(10)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(counts == [1, 1, 1, 1])
    }

    /// Four hundred attempts have left a process each: a status has no part in how many there are.
    @Test func whatIsLeftRunningIsLookedAtOnceASecond() throws {
        let service = try makeService { $0.conduct.killMode = .process }
        let simulation = try Simulation([service], seed: 94)
        simulation.host.program = { _ in .success(ProcessScript(leftovers: [.ignores])) }
        let client = simulation.host.connect()
        for round in 0..<400 {
            simulation.host.after(.milliseconds(Int64(10 * (round + 1)))) {
                $0.send(#"{"method":"service.restart","params":{"services":["web"]}}"# + "\n", as: client)
            }
        }
        var before = 0
        var left = 0
        for at in 0..<1000 {
            simulation.host.after(.seconds(10) + .microseconds(Int64(at * 900))) {
                if at == 0 { before = $0.looks }
                left = simulation.supervisor.status(of: 0).leftBehind.count
            }
        }
        var looks = 0
        simulation.host.after(.seconds(11)) {
            looks = $0.looks - before
            $0.send(.term)
        }
        #expect(try simulation.run() == 0)
        #expect(left >= 390)
        #expect(looks <= 401, "\(looks) looks")
    }

    private func stoppedAfterEnd(
        ends: ExitOutcome, leftovers: [ProcessScript.Obedience],
        _ change: (inout ServiceConfiguration) -> Void = { _ in }
    ) throws -> (reason: String, log: String) {
        let simulation = try Simulation([makeService(change)], seed: 95)
        simulation.host.program = { _ in
            .success(ProcessScript(runsFor: .seconds(1), ends: ends, leftovers: leftovers))
        }
        var reason = ""
        simulation.host.after(.seconds(2)) {
            reason = simulation.supervisor.reason(of: 0)
            $0.send(.term)
        }
        _ = try simulation.run()
        return (reason, simulation.log)
    }

    @Test func whatWasStoppedAfterAGoodEndIsTold() throws {
        let nginx = try stoppedAfterEnd(ends: .exited(code: 0), leftovers: [.ends(after: .milliseconds(5))]) {
            $0.execStart = ["/usr/sbin/nginx"]
        }
        #expect(
            nginx.reason.contains(
                "; a process that it left was stopped: 1002 (web); nginx puts itself into the background: "
                    + "keep it in the foreground with '-g 'daemon off;''"), "\(nginx.reason)")
        #expect(nginx.log.contains("web has ended with success, and a process that it left was stopped"))
        for (ends, leftovers) in [
            (ExitOutcome.exited(code: 1), [ProcessScript.Obedience.ends(after: .zero)]), (.exited(code: 0), []),
        ] {
            let other = try stoppedAfterEnd(ends: ends, leftovers: leftovers)
            #expect(!other.reason.contains("that it left") && !other.log.contains("has ended with success"))
        }
        // A signal is somebody's order, and no way into the background.
        let ended = try stoppedAfterEnd(
            ends: .signaled(.term, coreDumped: false), leftovers: [.ends(after: .milliseconds(5))])
        #expect(ended.reason.contains("; a process that it left was stopped: 1002 (web)"), "\(ended.reason)")
        #expect(!ended.reason.contains("background") && !ended.log.contains("background"), "\(ended.reason)")
        // What has gone into the background before its start counted has failed, and is told just so.
        let early = try stoppedAfterEnd(ends: .exited(code: 0), leftovers: [.ends(after: .milliseconds(5))]) {
            $0.conduct.minUptime = .seconds(5)
        }
        #expect(early.reason.contains("before its min_uptime of 5s was over"), "\(early.reason)")
        #expect(early.reason.contains("; a process that it left was stopped: 1002 (web); "), "\(early.reason)")
        #expect(early.log.contains("web has ended before its start counted, and a process that it left was stopped"))
        let left = try stoppedAfterEnd(ends: .exited(code: 0), leftovers: [.ignores]) { $0.conduct.killMode = .process }
        #expect(!left.log.contains("has ended with success"))
    }

    @Test func theForegroundIsNamedAsTheProgramNamesIt() {
        func advice(_ program: String, _ commands: String...) -> String {
            ForegroundAdvice.sentence(program: program, commands: commands)
        }
        #expect(advice("/usr/sbin/php-fpm8.2").contains("'--nodaemonize'"))
        #expect(advice("/bin/sh", "nginx: master process /usr/sbin/nginx").contains("nginx puts itself"))
        #expect(advice("sshd").contains("with '-D'"))
        #expect(advice("/opt/own").contains("if own puts itself into the background"))
        #expect(advice("").contains("-f, -F, -D"))
    }

    /// Those that come first in an answer are told; what is left no room is unknown, and can be asked for.
    @Test func whatAnAnswerHasNoRoomForIsUnknown() throws {
        let simulation = try Simulation(
            [makeService { $0.instances = 1000 }, SupdDaemonTests.makeService("z") { $0.instances = 30 }], seed: 95)
        let client = simulation.host.connect()
        for (seconds, selector) in [(60, "*"), (61, "z")] {
            simulation.host.after(.seconds(seconds)) {
                $0.send(#"{"id":1,"method":"service.tree","params":{"services":["\#(selector)"]}}"# + "\n", as: client)
            }
        }
        // They are more than waits for a client at once.
        var replies = ""
        for step in 1...40 {
            simulation.host.after(.seconds(60) + .milliseconds(step * 50)) { replies += $0.receive(as: client) }
        }
        replies += try simulation.run(until: .seconds(63), listeningAs: client).replies
        let trees = try replies.split(separator: "\n").map {
            try ServiceTrees(from: Reply.decode(Array($0.utf8)).outcome.get()).services
        }
        try #require(trees.count == 2 && trees[0].count == 1030)
        for (place, tree) in trees[0].enumerated() {
            #expect(tree.processes?.count == (place < ProtocolLimits.processesTold ? 1 : nil), "\(tree.name)")
            #expect(tree.more == (place < ProtocolLimits.processesTold ? 0 : 1))
        }
        #expect(trees[1].map(\.processes?.count) == Array(repeating: 1, count: 30))
    }
}
