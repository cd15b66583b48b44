import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Testing

@testable import SupdDaemon

/// A hook whose doings are the simulation's script.
private struct Scripted: ShutdownHook {
    func run(_ context: HookContext) async throws {}
}

private func hook(_ name: String, _ point: HookPoint, order: Int = 0, budget: Duration = .seconds(2))
    -> PlannedHook
{
    PlannedHook(name: name, plugin: "test", point: point, order: order, budget: budget, hook: Scripted())
}

/// A program takes a moment to go.
private func isAbout(_ duration: Duration, _ expected: Duration) -> Bool {
    duration >= expected && duration < expected + .milliseconds(10)
}

@Suite struct HookTests {
    private func simulation(
        _ services: [ServiceConfiguration], daemon: [PlannedHook] = [], seed: UInt64,
        drain: DrainBudget = .init()
    ) throws -> Simulation {
        try Simulation(services, seed: seed, drain: drain) { $0.supervisor.hooks = daemon }
    }

    @Test func hooksRunInTheirOrderAroundTheServices() throws {
        let simulation = try simulation(
            [makeService("web") { $0.conduct.hooks = [hook("drain", .beforeStop), hook("tidy", .afterStop)] }],
            daemon: [
                hook("second", .beforeServices, order: 2), hook("first", .beforeServices, order: 1),
                hook("last", .afterServices),
            ], seed: 31)
        simulation.host.work = { _ in .ends(after: .milliseconds(100)) }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let places = [
            "hook 'first' begins", "hook 'second' begins", "hook 'drain' of web begins", "web is stopped",
            "hook 'last' begins",
        ].map { simulation.place(containing: $0) }
        #expect(places.allSatisfy { $0 != nil } && places.compactMap { $0 } == places.compactMap { $0 }.sorted())
        #expect(isAbout(simulation.supervisor.drain.report().duration, .milliseconds(500)))
        let tidy = try #require(simulation.place(containing: "hook 'tidy' of web begins"))
        #expect(try #require(simulation.place(containing: "web ended after")) < tidy)
    }

    @Test func oneThatFailsIsNamedInTheReportAndTheOthersRun() throws {
        let simulation = try simulation(
            [makeService("web")], daemon: [hook("bad", .beforeServices), hook("good", .beforeServices)], seed: 32)
        simulation.host.work = { $0 == "bad" ? .ends(error: "no route to host") : .ends() }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.supervisor.drain.finalReport().hooksFailed == ["'bad': no route to host"])
        #expect(simulation.place(containing: "hook 'good' begins") != nil)
    }

    @Test func oneThatNeverEndsIsCancelledThenAbandonedByNameAndTheDrainGoesOn() throws {
        let simulation = try simulation([makeService("web")], daemon: [hook("stuck", .beforeServices)], seed: 33)
        simulation.host.work = { _ in .hangs }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 75)
        let report = simulation.supervisor.drain.finalReport()
        #expect(report.tasksAbandoned.map(\.name) == ["hook stuck"])
        #expect(simulation.place(containing: "hook 'stuck' is over its 2s and is cancelled") != nil)
        #expect(report.servicesStopped == ["web"])
        #expect(isAbout(report.duration, .seconds(5)))
    }

    @Test func aPhaseThatIsOverCancelsItsHooksAndLeavesTheRestOut() throws {
        var drain = DrainBudget()
        drain.quiesce = .seconds(1)
        let simulation = try simulation(
            [makeService("web")],
            daemon: [hook("slow", .beforeServices, budget: .seconds(30)), hook("never", .beforeServices)], seed: 34,
            drain: drain)
        simulation.host.work = { _ in .waits(afterCancel: .milliseconds(200)) }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.place(containing: "hook 'never' begins") == nil)
        // It is not its own time that is over.
        #expect(simulation.place(containing: "and is cancelled") == nil)
        #expect(isAbout(simulation.supervisor.drain.finalReport().duration, .milliseconds(1200)))
    }

    @Test func anOrderedStopRunsTheServicesHooksAndARestartComesAfterThem() throws {
        let simulation = try simulation(
            [makeService("web") { $0.conduct.hooks = [hook("before", .beforeStop), hook("after", .afterStop)] }],
            seed: 35)
        simulation.host.work = { _ in .ends(after: .seconds(1)) }
        let client = simulation.host.connect()
        simulation.host.after(.seconds(1)) {
            $0.send(
                #"{"id":1,"method":"service.restart","params":{"services":["web"],"wait":true}}"# + "\n", as: client)
        }
        var answered: MonotonicInstant?
        simulation.host.onTurn = { host in
            if answered == nil, host.receive(as: client).contains(#""id":1"#) { answered = host.now }
        }
        simulation.host.after(.seconds(10)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 2)
        let since = try #require(answered).duration(since: MonotonicInstant(nanoseconds: 2_000_000_000))
        #expect(since >= .seconds(2) && since < .milliseconds(2500))
    }

    @Test func aServiceThatEndsByItselfRunsNone() throws {
        let simulation = try simulation(
            [
                makeService("web", restart: "no") {
                    $0.conduct.hooks = [hook("before", .beforeStop), hook("after", .afterStop)]
                }
            ],
            seed: 36)
        simulation.host.program = { _ in .success(ProcessScript(runsFor: .seconds(1), ends: .exited(code: 3))) }
        simulation.host.after(.seconds(5)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.place(containing: "begins, at most") == nil)
    }

    @Test func aServicesHookThatHangsCostsItsOwnTimeOnly() throws {
        let simulation = try simulation(
            [
                makeService("web") { $0.conduct.hooks = [hook("stuck", .beforeStop, budget: .seconds(1))] },
                makeService("other"),
            ], seed: 37)
        simulation.host.work = { _ in .hangs }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 75)
        let report = simulation.supervisor.drain.finalReport()
        #expect(Set(report.servicesStopped) == ["web", "other"])
        #expect(report.tasksAbandoned.map(\.name) == ["hook web: stuck"])
        #expect(simulation.place(containing: "hook 'stuck' of web is over its 1s and is cancelled") != nil)
        #expect(isAbout(report.duration, .seconds(4)))
    }

    @Test func aClientThatStaysDoesNotHoldUpTheEnd() throws {
        let simulation = try simulation([makeService("web")], daemon: [hook("last", .afterServices)], seed: 40)
        simulation.host.work = { _ in .ends(after: .milliseconds(50)) }
        let client = simulation.host.connect()
        simulation.host.after(.milliseconds(500)) {
            $0.send(#"{"id":1,"method":"supervisor.ping"}"# + "\n", as: client)
        }
        simulation.host.after(.seconds(1)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        let end = simulation.host.now.duration(since: MonotonicInstant(nanoseconds: 1_000_000_000))
        #expect(isAbout(end, .milliseconds(1050)), "\(end.text)")
    }

    @Test func aClientThatWaitsForTheReportDoesNotEither() throws {
        let simulation = try simulation([makeService("web")], daemon: [hook("last", .afterServices)], seed: 44)
        simulation.host.work = { _ in .ends(after: .milliseconds(100)) }
        let client = simulation.host.connect()
        var ordered = simulation.host.now
        simulation.host.after(.seconds(1)) { host in
            ordered = host.now
            host.send(#"{"id":1,"method":"supervisor.shutdown","params":{"wait":true}}"# + "\n", as: client)
        }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.receive(as: client).contains(#""exit_code":0"#))
        #expect(isAbout(simulation.host.now.duration(since: ordered), .milliseconds(100)))
    }

    @Test func aThirdSignalWaitsForNoHook() throws {
        let simulation = try simulation(
            [makeService("web") { $0.conduct.hooks = [hook("stuck", .beforeStop, budget: .seconds(30))] }],
            daemon: [hook("last", .afterServices, budget: .seconds(30))], seed: 38)
        simulation.host.work = { _ in .hangs }
        for second in [1, 3, 5] { simulation.host.after(.seconds(second)) { $0.send(.term) } }
        #expect(try simulation.run() == 77)
        #expect(simulation.supervisor.drain.finalReport().duration <= .milliseconds(4500))
        #expect(simulation.host.livingProcesses == 0)
    }

    @Test func aDrainThatIsUndoneStartsEverythingAgainAndMayBeginAnew() throws {
        let simulation = try simulation([makeService("web")], daemon: [hook("before", .beforeServices)], seed: 39)
        let client = simulation.host.connect()
        for (second, method) in [(1, "supervisor.drain"), (3, "supervisor.resume"), (5, "supervisor.resume")] {
            simulation.host.after(.seconds(second)) {
                $0.send(#"{"id":\#(second),"method":"\#(method)"}"# + "\n", as: client)
            }
        }
        simulation.host.after(.seconds(7)) { $0.send(.term) }
        #expect(try simulation.run() == 0)
        #expect(simulation.host.spawnCount == 2)
        #expect(simulation.log.ranges(of: "hook 'before' begins").count == 2)
        let answers = simulation.host.receive(as: client)
        #expect(answers.contains("supd is not drained: there is nothing to resume"))
        #expect(simulation.host.notifications.contains { $0.contains("STATUS=1 of 1 running") })
    }
}
