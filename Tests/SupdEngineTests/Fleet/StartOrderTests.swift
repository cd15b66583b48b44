import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// The way up: who waits for whom, and who does not.
@Suite struct StartOrderTests {
    private static let oneshot = ServiceSettings.plain(type: .oneshot, restart: .no)

    @Test func dependenciesStartFirst() throws {
        let driver = try FleetDriver([
            .service("web", requires: ["app"]), .service("app", requires: ["db"]), .service("db"),
        ])
        driver.boot()
        #expect(driver.takeLaunched() == ["db", "app", "web"])
        #expect(driver.states == "web RUNNING, app RUNNING, db RUNNING")
    }

    @Test func whatIsNotOrderedStartsInParallel() throws {
        let driver = try FleetDriver([
            .service("a"), .service("b"), .service("c", after: ["a"]), .service("d"),
        ])
        driver.spawnsAtOnce = false
        driver.boot()
        #expect(Set(driver.takeLaunched()) == ["a", "b", "d"])
        driver.spawnAll()
        #expect(driver.takeLaunched() == ["c"])
    }

    @Test func noMoreThanTheLimitAreStartingAtOnce() throws {
        let driver = try FleetDriver((0..<20).map { .service("s\($0)") }, startParallelism: 3)
        driver.spawnsAtOnce = false
        driver.boot()
        #expect(driver.takeLaunched().count == 3)
        driver.spawnAll()
        #expect(driver.mostStarting == 3)
        #expect(driver.fleet.machines.allSatisfy { $0.state == .running })
    }

    @Test func aOneshotHoldsItsSlotUntilItHasEnded() throws {
        let driver = try FleetDriver(
            [.service("a", Self.oneshot), .service("b", Self.oneshot)], startParallelism: 1)
        driver.boot()
        #expect(driver.takeLaunched() == ["a"])
        driver.end("a", .success)
        #expect(driver.takeLaunched() == ["b"])
    }

    @Test func aStoppedStartGivesItsSlotToTheNext() throws {
        let driver = try FleetDriver([.service("a"), .service("b"), .service("c")], startParallelism: 1)
        driver.spawnsAtOnce = false
        driver.boot()
        driver.stop("b")
        driver.stop("a")
        #expect(driver.takeLaunched() == ["a", "c"], "a gave its slot, and b wants none any more")
    }

    @Test func aOneshotIsADependencyOnceItSucceeded() throws {
        let driver = try FleetDriver([.service("init", Self.oneshot), .service("web", requires: ["init"])])
        driver.boot()
        #expect(driver.takeLaunched() == ["init"])
        driver.end("init", .success)
        #expect(driver.states == "init EXITED, web RUNNING")
    }

    @Test func aOneshotThatFailedBlocksWhatRequiresIt() throws {
        let driver = try FleetDriver([.service("init", Self.oneshot), .service("web", requires: ["init"])])
        driver.boot()
        driver.end("init", .failure)
        #expect(driver.states == "init EXITED, web STOPPED")
        #expect(driver.fleet.waitsFor(1)?.failed == true)
        #expect(driver.fleet.waitsFor(1)?.services == [0])
        driver.start("init")
        #expect(driver.fleet.waitsFor(1)?.failed == false)
        driver.end("init", .success)
        #expect(driver.states == "init EXITED, web RUNNING")
    }

    @Test func whatRequiresAFatalServiceIsBlockedUntilThatComesUp() throws {
        let driver = try FleetDriver([
            .service("db", .plain(restart: .no)), .service("app", requires: ["db"]), .service("web", requires: ["app"]),
        ])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "db")
        #expect(driver.states == "db FATAL, app STOPPED, web STOPPED")
        #expect(driver.fleet.waitsFor(1)?.failed == true)
        #expect(driver.fleet.waitsFor(2)?.failed == true, "what is blocked blocks in turn")
        #expect(driver.fleet.busy == 0)
        driver.spawnsAtOnce = true
        driver.start("db")
        #expect(driver.states == "db RUNNING, app RUNNING, web RUNNING")
    }

    @Test func startOfWhatIsBlockedStartsWhatItRequires() throws {
        let driver = try FleetDriver([.service("db", .plain(restart: .no)), .service("web", requires: ["db"])])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "db")
        driver.send(.resetFailed(.reset(uid: 0, pid: 1)), to: "db")
        #expect(driver.states == "db STOPPED, web STOPPED")
        #expect(driver.fleet.waitsFor(1)?.failed == true)
        driver.spawnsAtOnce = true
        driver.start("web")
        #expect(driver.states == "db RUNNING, web RUNNING")
        #expect(driver["db"].cause == .dependency(.named("web")))
    }

    @Test func whatRequiresAServiceInBackoffWaitsForItsNextTry() throws {
        let driver = try FleetDriver([.service("db"), .service("web", requires: ["db"])])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "db")
        #expect(driver.states == "db BACKOFF, web STOPPED")
        #expect(driver.fleet.goalReached)
        driver.spawnsAtOnce = true
        driver.runTimer(of: "db")
        #expect(driver.states == "db RUNNING, web RUNNING")
    }

    @Test func whatOnlyWantsGoesOnAfterAFailure() throws {
        let driver = try FleetDriver([
            .service("cache", .plain(restart: .no)), .service("web", wants: ["cache"]),
            .service("late", after: ["cache"]),
        ])
        driver.spawnsAtOnce = false
        driver.boot()
        #expect(driver.takeLaunched() == ["cache"])
        driver.send(.spawnFailed(attempt: 1, .missing), to: "cache")
        driver.spawnAll()
        #expect(driver.states == "cache FATAL, web RUNNING, late RUNNING")
    }

    @Test func afterOrdersNothingThatIsNotStarted() throws {
        let driver = try FleetDriver([
            .service("db", .plain(enabled: false)), .service("web", after: ["db"]),
        ])
        driver.boot()
        #expect(driver.states == "db STOPPED, web RUNNING")
    }

    @Test func startPullsInWhatIsRequiredAndWantedAndNothingElse() throws {
        let off = ServiceSettings.plain(enabled: false)
        let driver = try FleetDriver([
            .service("db", off), .service("cache", off), .service("clock", off), .service("other", off),
            .service("web", requires: ["db"], wants: ["cache"], after: ["clock"], off),
        ])
        driver.boot()
        #expect(driver.takeLaunched() == [])
        driver.start("web")
        #expect(Set(driver.takeLaunched()) == ["db", "cache", "web"])
        #expect(driver["db"].cause == .dependency(.named("web")))
        #expect(driver["web"].cause == FleetDriver.order)
    }

    @Test func startLeavesWhatIsUpAlone() throws {
        let driver = try FleetDriver([
            .service("init", Self.oneshot), .service("db"), .service("web", requires: ["init", "db"]),
        ])
        driver.boot()
        driver.end("init", .success)
        driver.stop("web")
        _ = driver.takeLaunched()
        driver.start("web")
        #expect(driver.takeLaunched() == ["web"], "a oneshot that succeeded is not run again")
        #expect(driver["db"].cause == .boot)
    }

    @Test func startDoesNotCutABackoffOfADependencyShort() throws {
        let driver = try FleetDriver([.service("db"), .service("web", requires: ["db"], .plain(enabled: false))])
        driver.boot()
        driver.end("db", .failure)
        _ = driver.takeLaunched()
        driver.start("web")
        #expect(driver.takeLaunched() == [])
        driver.runTimer(of: "db")
        #expect(driver.takeLaunched() == ["db", "web"])
    }

    @Test func allInstancesOfADependencyMustBeUp() throws {
        let driver = try FleetDriver([.service("db", instances: 2), .service("web", requires: ["db"])])
        driver.spawnsAtOnce = false
        driver.boot()
        #expect(driver.takeLaunched() == ["db@1", "db@2"])
        driver.send(.spawned(attempt: 1, pid: 1), to: "db@1")
        #expect(driver.takeLaunched() == [])
        driver.send(.spawned(attempt: 1, pid: 2), to: "db@2")
        #expect(driver.takeLaunched() == ["web"])
    }

    @Test func startOfOneInstanceLeavesTheOthersAlone() throws {
        let driver = try FleetDriver([.service("web", instances: 3, .plain(enabled: false))])
        driver.start("web@2")
        #expect(driver.states == "web@1 STOPPED, web@2 RUNNING, web@3 STOPPED")
    }

    @Test func startOfAServiceAndOneInstanceOfWhatItRequiresStartsTheOthers() throws {
        let off = ServiceSettings.plain(enabled: false)
        let driver = try FleetDriver([.service("db", instances: 2, off), .service("web", requires: ["db"], off)])
        driver.start("db@1", "web")
        #expect(driver.states == "db@1 RUNNING, db@2 RUNNING, web RUNNING")
        #expect(driver["db@1"].cause == FleetDriver.order)
    }

    @Test func aDependencyThatGoesDownMeanwhileIsWaitedForAgain() throws {
        let driver = try FleetDriver([.service("db"), .service("slow"), .service("web", requires: ["db", "slow"])])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawned(attempt: 1, pid: 1), to: "db")
        driver.end("db", .failure)
        driver.send(.spawned(attempt: 1, pid: 2), to: "slow")
        #expect(driver.states == "db BACKOFF, slow RUNNING, web STOPPED")
        driver.spawnsAtOnce = true
        driver.runTimer(of: "db")
        #expect(driver.states == "db RUNNING, slow RUNNING, web RUNNING")
    }

    @Test func startWhileWhatItRequiresGoesDownKeepsThatUp() throws {
        let driver = try FleetDriver([.service("db"), .service("web", requires: ["db"])])
        driver.boot()
        driver.obeys = false
        driver.stop("db")
        #expect(driver.takeTold() == ["web"])
        driver.start("web")
        #expect(driver["db"].desired == .up)
        driver.end("web", .terminated)
        #expect(driver.states == "db RUNNING, web RUNNING")
        #expect(driver["db"].attempt == 1, "its stop had not begun")
        #expect(driver["web"].attempt == 2)
    }
}
