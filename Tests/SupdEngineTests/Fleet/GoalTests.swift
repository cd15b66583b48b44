import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// When the daemon may say that it is ready, that it has nothing left to do, and that it must end.
@Suite struct GoalTests {
    @Test func theGoalIsReachedWhenEveryEnabledServiceHasOnceComeUp() throws {
        let driver = try FleetDriver([.service("a"), .service("b"), .service("c", .plain(enabled: false))])
        driver.spawnsAtOnce = false
        #expect(!driver.fleet.goalReached)
        driver.boot()
        #expect(!driver.fleet.goalReached)
        driver.send(.spawned(attempt: 1, pid: 1), to: "a")
        #expect(driver.fleet.unreached == 1)
        driver.send(.spawned(attempt: 1, pid: 2), to: "b")
        #expect(driver.fleet.goalReached)
    }

    @Test func aGoalThatIsReachedStaysSo() throws {
        let driver = try FleetDriver([.service("a")])
        driver.boot()
        #expect(driver.fleet.goalReached)
        driver.restart("a")
        driver.end("a", .failure)
        #expect(driver.fleet.goalReached)
    }

    @Test func aFleetOfNothingEnabledHasNoGoalLeft() throws {
        let driver = try FleetDriver([.service("a", .plain(enabled: false))])
        driver.boot()
        #expect(driver.fleet.goalReached)
        #expect(try FleetDriver([]).fleet.goalReached)
    }

    @Test func aFailureReachesTheGoalToo() throws {
        let driver = try FleetDriver([.service("a", .plain(restart: .no)), .service("b"), .service("c")])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "a")
        driver.send(.spawnFailed(attempt: 1, .missing), to: "b")
        #expect(driver.states == "a FATAL, b BACKOFF, c STARTING")
        #expect(driver.fleet.unreached == 1)
        driver.stop("c")
        #expect(driver.fleet.goalReached, "an operator has taken c out of the goal")
    }

    @Test func aOneshotReachesItsGoalOnceItHasEnded() throws {
        let driver = try FleetDriver([.service("a", .plain(type: .oneshot))])
        driver.boot()
        #expect(!driver.fleet.goalReached)
        driver.end("a", .success)
        #expect(driver.fleet.goalReached)
    }

    @Test func whatIsBlockedReachesTheGoal() throws {
        let driver = try FleetDriver([.service("db", .plain(restart: .no)), .service("web", requires: ["db"])])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "db")
        #expect(driver.fleet.goalReached)
    }

    @Test func busyCountsWhatLivesWaitsOrIsInABackoff() throws {
        let driver = try FleetDriver([
            .service("a"), .service("b", .plain(type: .oneshot)), .service("c", after: ["b"]),
            .service("d", .plain(enabled: false)),
        ])
        #expect(driver.fleet.busy == 0)
        driver.boot()
        #expect(driver.fleet.busy == 3)
        driver.end("b", .success)
        #expect(driver.fleet.busy == 2)
        driver.end("a", .failure)
        #expect(driver["a"].state == .backoff)
        #expect(driver.fleet.busy == 2)
        driver.stopAll()
        #expect(driver.fleet.busy == 0)
    }

    @Test func theEndOfAnEssentialServiceIsTold() throws {
        let essential = ServiceSettings.plain(essential: true)
        let driver = try FleetDriver([.service("a", essential), .service("b")])
        driver.boot()
        driver.end("b", .success)
        #expect(driver.takeEnded() == [])
        driver.end("a", .failure)
        #expect(driver.takeEnded() == [], "it will be run again")
        driver.runTimer(of: "a")
        driver.end("a", .success)
        #expect(driver.takeEnded() == ["a"])
    }

    @Test func anEssentialServiceThatIsGivenUpHasEnded() throws {
        let driver = try FleetDriver([.service("a", .plain(essential: true, restart: .no))])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "a")
        #expect(driver.takeEnded() == ["a"])
    }

    @Test func anEssentialServiceThatIsStoppedByOrderHasNotEnded() throws {
        let driver = try FleetDriver([.service("a", .plain(essential: true))])
        driver.boot()
        driver.stop("a")
        #expect(driver.takeEnded() == [])
    }

    @Test func anEventOfAnInstanceThatIsNotThereChangesNothing() throws {
        let driver = try FleetDriver([.service("a")])
        let fleet = driver.fleet
        var actions: [FleetAction] = []
        for instance: InstanceID in [1, 4_294_967_295, InstanceID(slot: 0, generation: 1)] {
            fleet.handle(.start(.boot), of: instance, now: driver.now, random: { 0.5 }, into: &actions)
        }
        #expect(actions == [])
        #expect(fleet.busy == 0)
    }
}
