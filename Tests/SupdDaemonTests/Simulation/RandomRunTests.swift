import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import TestChance
import Testing

@testable import SupdDaemon

/// Random services, programs, orders, kills and failing calls, over the real supervisor in virtual time.
///
/// `SUPD_TEST_SEED=N` runs the one run of that seed.
@Suite struct RandomRunTests {
    static let runs = 1500

    @Test func noRunBreaksAPromise() throws {
        if let replay = getenv("SUPD_TEST_SEED").flatMap({ UInt64(String(cString: $0)) }) {
            try run(seed: replay)
            return
        }
        var generator = SystemRandomNumberGenerator()
        let first = UInt64.random(in: 0...UInt64(UInt32.max), using: &generator)
        print("random runs: seeds \(first) to \(first + UInt64(Self.runs) - 1); SUPD_TEST_SEED=N replays one")
        for seed in first..<first + UInt64(Self.runs) { try run(seed: seed) }
    }

    private func run(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let names = (0..<Int.random(in: 1...6, using: &random)).map { "s\($0)" }
        let services = try names.enumerated().map { index, name in
            let earlier = names[..<index].shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random))
            let restart = ["no", "on-failure", "always"].randomElement(using: &random) ?? "no"
            return try makeService(name, requires: Array(earlier), restart: restart) { service in
                service.conduct.type = Bool.random(using: &random) ? .exec : .oneshot
                service.conduct.stopSteps = [
                    StopStep(signal: .term, wait: .milliseconds(Int64.random(in: 1...3000, using: &random)))
                ]
                service.conduct.killMode = Bool.random(using: &random) ? .controlGroup : .mixed
                for command in ServiceCommand.allCases where Int.random(in: 0..<8, using: &random) == 0 {
                    let timeout = Duration.milliseconds(Int64.random(in: 100...2000, using: &random))
                    service.conduct.commands[command] = [
                        CommandConfiguration(
                            words: ["/bin/tool"], timeout: timeout, ignoresFailure: Bool.random(using: &random))
                    ]
                }
                // A oneshot has nothing to stop.
                if service.conduct.type == .oneshot { service.conduct.commands[.stop] = nil }
            }
        }
        var drain = DrainBudget()
        drain.timeout = .seconds(20)
        drain.services = .seconds(Int64.random(in: 1...10, using: &random))
        drain.jobs = .seconds(1)
        drain.quiesce = .seconds(1)
        drain.flush = .seconds(2)
        let simulation = try Simulation(services, seed: seed, drain: drain)
        let host = simulation.host
        var dice = random
        let hasUnkillable = Int.random(in: 0..<10, using: &random) == 0
        host.program = { _ in Self.program(&dice, hasUnkillable: hasUnkillable) }
        let failureRate = [0, 0, 0, 200].randomElement(using: &random) ?? 0
        var faults = random
        host.failure = { call, _ in
            // A supervisor that may not spawn, log or answer is tried; one that may not tell its report has no oracle.
            guard failureRate > 0, call != .replaceFile else { return nil }
            return Int.random(in: 0..<failureRate, using: &faults) == 0 ? ErrorNumber(EAGAIN) : nil
        }
        let client = host.connect()
        var asked = 0
        for _ in 0..<Int.random(in: 0...25, using: &random) {
            let verb =
                ["start", "stop", "restart", "reload", "status", "reset_failed"].randomElement(using: &random)
                ?? "status"
            let target = names.randomElement(using: &random) ?? "s0"
            asked += 1
            let number = asked
            host.after(.milliseconds(Int64.random(in: 0...20_000, using: &random))) {
                $0.send(
                    #"{"id":\#(number),"method":"service.\#(verb)","params":{"services":["\#(target)"]}}"# + "\n",
                    as: client)
            }
            host.after(.milliseconds(Int64.random(in: 0...20_000, using: &random))) { $0.kill(service: target, .kill) }
        }
        var stoppedAt: MonotonicInstant?
        host.after(.milliseconds(Int64.random(in: 1...25_000, using: &random))) {
            stoppedAt = $0.now
            $0.send(.term)
        }
        let code = try simulation.run()
        let report = simulation.supervisor.drain.report()
        let context = "seed \(seed)"
        #expect(host.violations.isEmpty, "\(context): \(host.violations)")
        #expect([0, 76].contains(code), "\(context): exit code \(code)")
        #expect(hasUnkillable || code == 0, "\(context): exit code \(code), \(report)")
        #expect(code != 0 || host.livingProcesses == 0, "\(context): \(host.livingProcesses) processes are left")
        #expect(code != 0 || host.hungSpawns == 0, "\(context): \(host.hungSpawns) spawns are not back")
        let end = try #require(stoppedAt).advanced(by: drain.timeout)
        #expect(host.now <= end, "\(context): the drain ended \(host.now.duration(since: end).text) late")
        #expect(simulation.supervisor.drain.tasks.count == 0, "\(context): \(simulation.supervisor.drain.tasks.all)")
        if failureRate == 0 {
            let told = host.notifications
            let stopping = told.firstIndex { $0.hasPrefix("STOPPING=1") }
            let ready = told.lastIndex { $0.hasPrefix("READY=1") }
            #expect(stopping != nil, "\(context)")
            if let ready, let stopping { #expect(ready < stopping, "\(context): ready after stopping") }
        }
    }

    static func program(_ dice: inout SeededRandom, hasUnkillable: Bool) -> Result<ProcessScript, SpawnFailure> {
        if Int.random(in: 0..<12, using: &dice) == 0 {
            return .failure(SpawnFailure(stage: .exec, error: ErrorNumber(ENOENT), subject: "/nowhere"))
        }
        func obedience() -> ProcessScript.Obedience {
            switch Int.random(in: 0..<10, using: &dice) {
            case 0: hasUnkillable ? .unkillable : .ignores
            case 1: .ignores
            case 2, 3: .exits(after: .milliseconds(Int64.random(in: 0...2000, using: &dice)))
            default: .ends(after: .microseconds(Int64.random(in: 0...500, using: &dice)))
            }
        }
        let life: Duration? =
            Bool.random(using: &dice) ? .milliseconds(Int64.random(in: 0...8000, using: &dice)) : nil
        let outcomes: [ExitOutcome] = [.exited(code: 0), .exited(code: 1), .signaled(.kill, coreDumped: false)]
        let leftovers = (0..<Int.random(in: 0...2, using: &dice)).map { _ in obedience() }
        let begin: Duration? =
            Int.random(in: 0..<8, using: &dice) == 0 ? .milliseconds(Int64.random(in: 1...30_000, using: &dice)) : nil
        return .success(
            ProcessScript(
                beginsAfter: begin, runsFor: life, ends: outcomes.randomElement(using: &dice) ?? .exited(code: 0),
                obedience: obedience(),
                leftovers: leftovers))
    }
}
