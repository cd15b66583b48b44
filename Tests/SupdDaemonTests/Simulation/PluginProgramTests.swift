import SupdHost
import SupdPlugin
import SupdTesting
import Synchronization
import Testing

@testable import SupdDaemon

@Suite struct PluginProgramTests {
    /// What requests were answered with, in order.
    private final class Answers: Sendable {
        private let list = Mutex<[String]>([])

        var all: [String] { list.withLock { $0 } }

        func add(_ answer: Result<ProcessOutcome, any Error>) {
            list.withLock { list in
                switch answer {
                case .success(let outcome):
                    list.append("\(outcome.ending)" + (outcome.output.isEmpty ? "" : ": " + outcome.output))
                case .failure(let error): list.append("\(error)")
                }
            }
        }
    }

    private let answers = Answers()

    private func request(_ ticket: ProgramRequest.Ticket = .init(), _ words: [String] = ["tool"]) -> PluginMessage {
        .run(
            ProgramRequest(
                plugin: "test", work: WorkID(rawValue: 0), command: ProcessCommand(words), ticket: ticket
            ) { [answers] in
                answers.add($0)
            })
    }

    /// A daemon without services, to whose loop plugins say `said` so many milliseconds after the start.
    private func run(
        seed: UInt64, program: ProcessScript = ProcessScript(runsFor: .milliseconds(10), ends: .exited(code: 3)),
        _ said: [(Int, PluginMessage)]
    ) throws -> Simulation {
        let simulation = try Simulation([], seed: seed)
        simulation.host.program = { _ in .success(program) }
        let inbox = simulation.supervisor.plugins.inbox
        for (time, message) in said {
            simulation.host.after(.milliseconds(time)) {
                inbox.put(message)
                // Brings a turn of the loop about, as the inbox's wake does on a machine with threads.
                $0.send(.usr1)
            }
        }
        simulation.host.after(.seconds(30)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.livingProcesses == 0)
        return simulation
    }

    /// Its pipe is read when it has ended, and later where that takes its time: up to a second.
    @Test(arguments: [nil, Duration.milliseconds(30), .seconds(5)])
    func whatAProgramSaysLastIsToldHoweverLateItIsRead(readTime: Duration?) throws {
        var program = ProcessScript(runsFor: .milliseconds(10), ends: .exited(code: 3))
        program.says = "no luck\n"
        program.readTime = readTime
        _ = try run(seed: 79, program: program, [(1, request())])
        #expect(answers.all == [readTime == .seconds(5) ? "exit code 3" : "exit code 3: no luck\n"])
    }

    @Test func howAProgramEndsIsTold() throws {
        _ = try run(seed: 71, [(1, request())])
        #expect(answers.all == ["exit code 3"])
    }

    @Test func aProgramThatCannotBeStartedIsAnError() throws {
        let simulation = try Simulation([], seed: 72)
        let failure = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "tool")
        simulation.host.program = { _ in .failure(failure) }
        simulation.supervisor.plugins.inbox.put(request())
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(answers.all == ["\(failure)"])
    }

    @Test func cancellingEndsItPolitelyThenByForce() throws {
        for obedience in [ProcessScript.Obedience.exits(after: .milliseconds(5)), .ignores] {
            let ticket = ProgramRequest.Ticket()
            _ = try run(
                seed: 73, program: ProcessScript(obedience: obedience, leftovers: [.ignores]),
                [(1, request(ticket)), (20, .endRun(ticket)), (30, .endRun(ticket))])
        }
        #expect(answers.all == ["CancellationError()", "CancellationError()"])
    }

    @Test func oneThatHangsBeforeItsProgramIsCancelledAsAnyOther() throws {
        let ticket = ProgramRequest.Ticket()
        let simulation = try run(
            seed: 76, program: ProcessScript(beginsAfter: .seconds(3600)),
            [(1, request(ticket)), (20, .endRun(ticket))])
        #expect(answers.all == ["CancellationError()"])
        #expect(simulation.host.spawnCount == 0 && simulation.host.hungSpawns == 0)
    }

    @Test func oneThatComesBackLateRuns() throws {
        let script = ProcessScript(beginsAfter: .milliseconds(20), runsFor: .milliseconds(5), ends: .exited(code: 4))
        _ = try run(seed: 77, program: script, [(1, request())])
        #expect(answers.all == ["exit code 4"])
    }

    @Test func aCancellationThatComesFirstStartsNothing() throws {
        let ticket = ProgramRequest.Ticket()
        ticket.cancel()
        let simulation = try run(seed: 74, [(1, .endRun(ticket)), (1, request(ticket)), (50, .endRun(ticket))])
        #expect(answers.all == ["CancellationError()"])
        #expect(simulation.host.spawnCount == 0)
    }

    @Test func thereAreNeverTooManyAtATime() throws {
        let simulation = try run(
            seed: 75, (0...PluginPrograms.limit).map { _ in (1, request()) } + [(100, request())])
        #expect(simulation.host.spawnCount == PluginPrograms.limit + 1)
        #expect(answers.all.first == "64 programs of plugins run already")
        #expect(answers.all.dropFirst().allSatisfy { $0 == "exit code 3" })
    }

    @Test func onlyTheEndOfAnOutputIsKept() {
        var tail = OutputTail(limit: 4)
        for text in ["a", "bc", "", "defghijkl", "m"] { tail.add(Array(text.utf8)) }
        #expect(tail.text == "jklm")
        var none = OutputTail(limit: -1)
        none.add(Array("x".utf8))
        #expect(none.text == "")
    }

    @Test func aProgramGetsItsOwnVariablesAndAPath() {
        let command = ProcessCommand(["tool", "$HOME"], environment: ["A": "1"])
        let request = SpawnRequest(command, invocation: "mark")
        #expect(request.arguments == ["tool", "$HOME"])
        #expect(request.candidates.contains("/usr/bin/tool"))
        #expect(request.environment.map { $0.split(separator: "=")[0] } == ["A", "PATH", "SUPD_INVOCATION"])
    }
}
