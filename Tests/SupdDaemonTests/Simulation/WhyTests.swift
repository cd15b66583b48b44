import EngineChecks
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// A probe whose answers are the simulation's script.
private struct Never: Probe {
    func probe(_ context: ProbeContext) async throws {}
}

/// What instances wait for, and what would change that.
@Suite struct WhyTests {
    /// What is told of instance `number` at a time after the start.
    private struct Told {
        var wait: ServiceWait?
        var remedies: [Remedy] = []
        var decision: EndDecision?
    }

    private func told(
        of number: Int = 0, in services: [ServiceConfiguration], at time: Duration = .seconds(2),
        programs: @escaping (String) -> ProcessScript = { _ in ProcessScript() },
        orders: [(at: Duration, line: String)] = []
    ) throws -> Told {
        let simulation = try Simulation(services, seed: 71)
        simulation.host.program = { .success(programs($0.arguments.first ?? "")) }
        // Nobody answers a probe.
        simulation.host.work = { _ in .ends(error: "no route") }
        let client = simulation.host.connect()
        for order in orders {
            simulation.host.after(order.at) { $0.send(order.line + "\n", as: client) }
        }
        var told = Told()
        simulation.host.after(time) {
            let instance = InstanceID(slot: UInt32(number), generation: 0)
            let supervisor = simulation.supervisor
            told = Told(
                wait: supervisor.wait(of: instance), remedies: supervisor.remedies(of: instance),
                decision: supervisor.decision(of: instance, as: supervisor.fleet[instance], from: .stopping))
            $0.send(.term)
        }
        _ = try simulation.run()
        return told
    }

    private func asked(_ name: String, _ change: (inout ServiceConfiguration) -> Void = { _ in }) throws
        -> ServiceConfiguration
    {
        try makeService(name) {
            $0.conduct.probes = ServiceProbes(
                readiness: PlannedProbe(name: "ready", plugin: "test", probe: Never(), period: .seconds(1)))
            change(&$0)
        }
    }

    private func stop(_ name: String) -> (at: Duration, line: String) {
        (.seconds(1), #"{"method":"service.stop","params":{"services":["\#(name)"]}}"#)
    }

    @Test func whatIsUpWaitsForNothing() throws {
        let seen = try told(in: [makeService("web")])
        #expect(seen.wait == nil && seen.remedies == [] && seen.decision == nil)
    }

    @Test func aStartWaitsForItsReadinessUpToItsTimeLimit() throws {
        let seen = try told(in: [asked("web")])
        #expect(seen.wait?.kind.known == .readiness && seen.wait?.text == "its readiness: no route")
        #expect(seen.wait?.until != nil && seen.remedies.first?.at == seen.wait?.until)
        #expect(seen.remedies.map(\.command) == [nil, "supctl stop web"])
    }

    @Test func whatComesAfterOthersWaitsForThem() throws {
        let seen = try told(of: 1, in: [asked("db"), makeService("web", requires: ["db"])])
        #expect(seen.wait == ServiceWait(.dependency, "db (STARTING)", services: ["db"]))
        #expect(
            seen.remedies == [
                Remedy("starts once db is up"), Remedy("says why db is as it is", command: "supctl why db"),
                Remedy("leaves it down", command: "supctl stop web"),
            ])
    }

    @Test func whatRequiresWhatIsNotWantedWaitsForAnOrder() throws {
        let seen = try told(
            of: 1, in: [makeService("db"), makeService("web", requires: ["db"])],
            programs: {
                $0.hasSuffix("db") ? ProcessScript(runsFor: .milliseconds(1), ends: .exited(code: 0)) : .init()
            },
            orders: [
                (.seconds(1), #"{"method":"service.restart","params":{"services":["web"]}}"#)
            ])
        #expect(seen.wait?.kind.known == .failedDependency && seen.wait?.services == ["db"], "\(seen)")
        #expect(seen.remedies.first?.command == "supctl start db")
    }

    @Test func aOneshotWaitsForItsEnd() throws {
        let seen = try told(in: [makeService("job") { $0.conduct.type = .oneshot }])
        #expect(seen.wait?.kind.known == .completion && seen.wait?.text == "its program to end")
    }

    @Test func aPauseEndsByItself() throws {
        let service = try makeService("web", restart: "always") { $0.conduct.backoff = Fixed(delay: .seconds(60)) }
        let seen = try told(
            in: [service], programs: { _ in ProcessScript(runsFor: .seconds(1), ends: .exited(code: 3)) })
        #expect(seen.wait?.kind.known == .backoff && seen.wait?.until == seen.remedies.first?.at)
        #expect(seen.remedies.map(\.command) == [nil, "supctl start web", "supctl stop web"])
        #expect(seen.decision == EndDecision(.restart, by: .policy, policy: "always", delay: .seconds(60)))
    }

    @Test func aStopWaitsForTheProcessAndSaysWhatItIsSentNext() throws {
        let seen = try told(
            in: [makeService("web")], programs: { _ in ProcessScript(obedience: .ignores) }, orders: [stop("web")])
        #expect(seen.wait?.kind.known == .exit && seen.wait?.text.hasSuffix(" to end") == true)
        #expect(seen.remedies.first?.effect == "is sent SIGKILL if it has not ended by then")
        #expect(seen.remedies.first?.at == seen.wait?.until && seen.wait?.until != nil)
        #expect(seen.remedies.last?.command == "supctl signal KILL web")
    }

    @Test func aStopWaitsForThoseThatNeedIt() throws {
        let seen = try told(
            in: [makeService("db"), makeService("web", requires: ["db"])],
            programs: { $0.hasSuffix("web") ? ProcessScript(obedience: .ignores) : .init() }, orders: [stop("db")])
        #expect(seen.wait == ServiceWait(.dependents, "web to go down", services: ["web"]))
    }

    @Test func whatItLeftBehindIsWaitedFor() throws {
        let seen = try told(
            in: [makeService("web")], programs: { _ in ProcessScript(leftovers: [.ignores]) }, orders: [stop("web")])
        #expect(seen.wait?.kind.known == .leftBehind && seen.wait?.text.contains("left behind") == true, "\(seen)")
    }

    @Test func whatIsDrainedIsStartedByItsEndAlone() throws {
        let seen = try told(
            in: [makeService("web")], orders: [(.seconds(1), #"{"method":"supervisor.drain"}"#)])
        #expect(seen.remedies == [Remedy("starts what is enabled again", command: "supctl resume")])
    }

    /// Also where it is started for what is enabled alone.
    @Test(arguments: [(false, false), (true, true)])
    func whatIsNotEnabledIsStartedBehindTheEndOfADrain(_ isPulledIn: Bool, byResume: Bool) throws {
        let off = try makeService("off") { $0.conduct.enabled = false }
        let between = try makeService("between", requires: ["off"]) { $0.conduct.enabled = false }
        let web = try makeService("web", requires: isPulledIn ? ["between"] : [])
        let seen = try told(
            in: [off, between, web], orders: [(.seconds(1), #"{"method":"supervisor.drain"}"#)])
        let resume = Remedy("starts what is enabled again", command: "supctl resume")
        let start = Remedy("starts it then, as it is not enabled", command: "supctl start off")
        #expect(seen.remedies == (byResume ? [resume] : [resume, start]))
    }

    /// One that is run again at once never is in a BACKOFF; it was decided all the same.
    @Test func aRestartAtOnceIsADecisionToo() throws {
        let service = try makeService("web", restart: "always") {
            $0.conduct.backoff = Fixed(delay: .zero)
            $0.conduct.startLimit.burst = 2
        }
        let simulation = try Simulation([service], seed: 71)
        simulation.host.program = { _ in .success(ProcessScript(runsFor: .seconds(1), ends: .exited(code: 3))) }
        var told: [StateEvent] = []
        simulation.host.after(.seconds(5)) {
            let history = simulation.supervisor.roster[0].history?.events(of: "web", last: 64) ?? []
            told = history.compactMap { notice in
                guard case .state(let change)? = notice.event?.happening else { return nil }
                return change
            }
            $0.send(.term)
        }
        _ = try simulation.run()
        let decided = told.filter { $0.decision != nil }
        #expect(decided.map(\.state.known) == [.stopped, .fatal])
        #expect(decided.map(\.decision?.outcome.known) == [.restart, .giveUp])
        #expect(decided[0].decision == EndDecision(.restart, by: .policy, policy: "always"))
        #expect(decided[1].decision?.detail == "started 2 times within 5min")
    }

    @Test func whoHasOrderedItIsToldWithItsProgram() throws {
        let simulation = try Simulation([makeService("web")], seed: 71)
        simulation.host.clientCommand = "deploy"
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) { $0.send(stop("web").line + "\n", as: client) }
        var reason = ""
        simulation.host.after(.seconds(2)) {
            reason = simulation.supervisor.reason(of: 0)
            $0.send(.term)
        }
        _ = try simulation.run()
        #expect(reason == "stopped by order of uid 0, pid 4242 (deploy)")
        #expect(simulation.log.contains("stop of web ordered by uid 0, pid 4242 (deploy)"))
    }
}

private struct Fixed: Backoff {
    var delay: Duration
    let resetAfter: Duration? = nil

    func delay(for context: BackoffContext) -> Duration { delay }
}
