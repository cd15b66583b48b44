import EngineChecks
import Glibc
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import TestChance
import Testing

@testable import SupdDaemon

/// Configurations that change at random, under random programs, orders, kills, drains and failing calls.
///
/// `SUPD_TEST_SEED=N` runs the one run of that seed.
@Suite struct RandomReconfigurationTests {
    static let runs = 400

    @Test func noChangeBreaksAPromise() throws {
        if let replay = getenv("SUPD_TEST_SEED").flatMap({ UInt64(String(cString: $0)) }) {
            try run(seed: replay)
            return
        }
        var generator = SystemRandomNumberGenerator()
        let first = UInt64.random(in: 0...UInt64(UInt32.max), using: &generator)
        print("random changes: seeds \(first) to \(first + UInt64(Self.runs) - 1); SUPD_TEST_SEED=N replays one")
        for seed in first..<first + UInt64(Self.runs) { try run(seed: seed) }
    }

    private func run(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var file = RandomFile(&random)
        let run = try Reconfiguration(file.text, seed: seed, plugins: [Versatile()])
        let host = run.host
        var isCalm = false
        wildness(of: run, random) { isCalm }
        var asked = 0
        func send(_ method: String, _ params: String, at milliseconds: Int) {
            asked += 1
            let text = #"{"id":\#(asked),"method":"\#(method)","params":{\#(params)}}"# + "\n"
            run.at(milliseconds) { run in
                _ = run.host.receive(as: run.client)
                run.host.send(text, as: run.client)
            }
        }
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let time = Int.random(in: 0...20_000, using: &random)
            file.change(&random)
            let text = file.text
            run.at(time) { $0.files.write(text) }
            let deferral = Bool.random(using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: run.signal(at: time, times: Int.random(in: 1...3, using: &random))
            case 1: send("config.plan", "", at: time)
            default: send("config.reload", #""defer":\#(deferral),"wait":\#(Bool.random(using: &random))"#, at: time)
            }
        }
        for _ in 0..<Int.random(in: 0...25, using: &random) {
            let time = Int.random(in: 0...20_000, using: &random)
            let verbs = ["start", "stop", "restart", "reload", "status", "reset_failed", "tree"]
            let target = file.names.randomElement(using: &random) ?? "s0"
            let verb = verbs.randomElement(using: &random) ?? "status"
            send("service.\(verb)", #""services":["\#(target)"]"#, at: time)
            let count = Int.random(in: 1...4, using: &random)
            if verb == "status" { send("service.scale", #""service":"\#(target)","instances":\#(count)"#, at: time) }
            if verb == "tree" { send("logs.read", #""services":["*"]"#, at: time) }
            run.at(Int.random(in: 0...20_000, using: &random)) { $0.host.kill(service: target, .kill) }
        }
        if Int.random(in: 0..<5, using: &random) == 0 {
            send("supervisor.drain", #""wait":false"#, at: Int.random(in: 0...20_000, using: &random))
        }
        run.at(21_000) { _ in isCalm = true }
        // The client may have been lost to a call that failed.
        var other: SimulatedClient?
        run.at(22_000) { other = $0.host.connect() }
        for time in [40_000, 100_000, 140_000] {
            run.at(time) { run in
                guard let other else { return }
                run.host.send(#"{"id":1,"method":"supervisor.resume"}"# + "\n", as: other)
            }
        }
        // The changes came in any order.
        let last = file.text
        run.at(150_000) { $0.files.write(last) }
        run.signal(at: 150_000)
        let sinks = file.sinks
        run.at(300_000) { run in
            let faults = run.supervisor.faults(of: run.files, sinks: sinks) + host.timerFaults(run.supervisor)
            #expect(faults == [], "seed \(seed): \(faults)\n\(run.states)\n\(run.log.suffix(1500))")
        }
        run.at(301_000) { $0.host.send(.term) }
        let code = try run.simulation.run()
        #expect(
            code == 0 && host.livingProcesses == 0 && host.violations == [], "seed \(seed): \(code) \(host.violations)")
        #expect(host.hungSpawns == 0 && host.livingWork == 0, "seed \(seed)")
        #expect(run.supervisor.drain.tasks.count == 0, "seed \(seed): \(run.supervisor.drain.tasks.all)")
    }

    /// Programs, work and calls do what they like until it `isCalm`.
    private func wildness(of run: Reconfiguration, _ random: SeededRandom, _ isCalm: @escaping () -> Bool) {
        let host = run.host
        var (dice, faults, works) = (random, random, random)
        host.program = { request in
            guard isCalm() else { return RandomRunTests.program(&dice, hasUnkillable: false) }
            let isTool = request.arguments.first == "/bin/tool"
            return .success(ProcessScript(runsFor: isTool ? .milliseconds(10) : nil))
        }
        let failureRate = [0, 0, 0, 200].randomElement(using: &faults) ?? 0
        host.failure = { call, _ in
            guard failureRate > 0, call != .replaceFile, !isCalm() else { return nil }
            return Int.random(in: 0..<failureRate, using: &faults) == 0 ? ErrorNumber(EAGAIN) : nil
        }
        host.work = { _ in
            guard !isCalm() else { return .ends(after: .milliseconds(1)) }
            let time = Duration.milliseconds(Int64.random(in: 0...3_000, using: &works))
            return Int.random(in: 0..<4, using: &works) == 0 ? .ends(after: time, error: "no") : .ends(after: time)
        }
    }

    /// What was there and is gone leaves nothing: no table grows with the number of changes.
    @Test func tablesDoNotGrowOverManyChanges() throws {
        let run = try Reconfiguration(table("web"), seed: 9_001, plugins: [Versatile()])
        run.host.program = { request in
            .success(
                ProcessScript(
                    runsFor: request.arguments.first == "/bin/web" || request.arguments.first == "/bin/db"
                        ? nil : .milliseconds(1), ends: .exited(code: request.arguments.first == "/bin/bad" ? 1 : 0)))
        }
        let full =
            table("web")
            + table(
                "db", "instances = 3", "exec_start_pre = \"/bin/pre\"", "exec_stop = \"/bin/bad\"",
                "health = { type = \"asks\", period = 1 }", "log = { sink = \"pool\" }", "requires = \"web\"",
                "sockets = { listen = \"/run/db.sock\" }", "hooks = [{ run = \"leave\", at = \"before-stop\" }]")
        for round in 0..<100 {
            let text = round.isMultiple(of: 2) ? full : table("web")
            run.at(1_000 + round * 2_000) {
                $0.files.write(text)
                $0.host.send(.hup)
            }
        }
        var before = 0
        run.at(500) { before = $0.supervisor.drain.tasks.count }
        run.at(202_000) { run in
            let faults = run.supervisor.faults(of: run.files, sinks: 0) + run.host.timerFaults(run.supervisor)
            #expect(faults == [] && run.states == "web RUNNING" && run.supervisor.drain.tasks.count == before)
            #expect(run.supervisor.fleet.reservedCount(of: 0) == 1)
        }
        run.at(200_000) { run in
            // Slots are used again.
            #expect(run.instances(of: "db").allSatisfy { $0.slot < 8 }, "\(run.instances(of: "db"))")
        }
        try run.run(until: 203_000)
    }
}
