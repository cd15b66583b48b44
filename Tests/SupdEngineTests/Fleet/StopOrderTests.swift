import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// The way down, and down and up again.
@Suite struct StopOrderTests {
    private func chain() throws -> FleetDriver {
        let driver = try FleetDriver([
            .service("db"), .service("app", requires: ["db"]), .service("web", requires: ["app"]), .service("other"),
        ])
        driver.boot()
        _ = driver.takeLaunched()
        return driver
    }

    @Test func dependentsStopFirst() throws {
        let driver = try chain()
        driver.stopAll()
        #expect(driver.takeTold().filter { $0 != "other" } == ["web", "app", "db"])
        #expect(driver.fleet.machines.allSatisfy { $0.phase == .stopped })
        #expect(driver.fleet.busy == 0)
    }

    @Test func whatIsNotOrderedStopsInParallel() throws {
        let driver = try chain()
        driver.obeys = false
        driver.stopAll()
        #expect(Set(driver.takeTold()) == ["web", "other"])
        #expect(driver.fleet.stopWaitsFor(driver.place("app")) == [.named("web")])
        driver.end("web", .terminated)
        #expect(driver.takeTold() == ["app"])
    }

    @Test func afterAndBeforeOrderStopsToo() throws {
        let driver = try FleetDriver([
            .service("a"), .service("b", after: ["a"]), .service("c", before: ["a"]),
        ])
        driver.boot()
        driver.stopAll()
        #expect(driver.takeTold() == ["b", "a", "c"])
    }

    @Test func stopTakesWhatRequiresItAlong() throws {
        let driver = try chain()
        driver.stop("db")
        #expect(driver.takeTold() == ["web", "app", "db"])
        #expect(driver.states == "db STOPPED, app STOPPED, web STOPPED, other RUNNING")
    }

    /// Not what is between it and that: nobody has ordered anything of that.
    @Test func whatIsTakenAlongSaysWhatWasOrdered() throws {
        let driver = try FleetDriver([
            .service("x"), .service("db"), .service("app", requires: ["x", "db"]),
            .service("web", requires: ["x", "app"]),
        ])
        driver.boot()
        driver.stop("db")
        #expect(driver["app"].cause == .dependency(.named("db")))
        #expect(driver["web"].cause == .dependency(.named("db")))
        #expect(driver["db"].cause == FleetDriver.order)
        driver.start("web")
        for name in ["app", "db"] { #expect(driver[name].cause == .dependency(.named("web"))) }
        driver.restart("x")
        for name in ["app", "web"] { #expect(driver[name].cause == .dependency(.named("x"))) }
    }

    @Test func stopLeavesTheCauseOfWhatIsDownAlready() throws {
        let driver = try chain()
        driver.stop("web")
        driver.stop("db")
        #expect(driver["web"].cause == FleetDriver.order)
    }

    @Test func stopLeavesWhatOnlyWantsItRunning() throws {
        let driver = try FleetDriver([
            .service("cache"), .service("web", wants: ["cache"]), .service("late", after: ["cache"]),
        ])
        driver.boot()
        driver.stop("cache")
        #expect(driver.states == "cache STOPPED, web RUNNING, late RUNNING")
    }

    @Test func stopTakesAnExitedOneshotAlong() throws {
        let driver = try FleetDriver([
            .service("db"), .service("migrate", requires: ["db"], .plain(type: .oneshot)),
        ])
        driver.boot()
        driver.end("migrate", .success)
        #expect(driver["migrate"].isUp)
        driver.stop("db")
        #expect(!driver["migrate"].isUp)
    }

    @Test func stopOfAServiceAndOneInstanceOfWhatRequiresItStopsTheOthers() throws {
        let driver = try FleetDriver([.service("db"), .service("web", requires: ["db"], instances: 2)])
        driver.boot()
        driver.stop("db", "web@1")
        #expect(driver.states == "db STOPPED, web@1 STOPPED, web@2 STOPPED")
        #expect(driver["web@2"].cause == .dependency(.named("db")))
    }

    @Test func stopDuringStartsEndsStopped() throws {
        let driver = try FleetDriver([.service("db"), .service("web", requires: ["db"])])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.stop("db")
        driver.spawnAll()
        #expect(driver.states == "db STOPPED, web STOPPED")
        #expect(driver["db"].pid == nil)
    }

    @Test func stopAllDuringStartsEndsStopped() throws {
        let driver = try FleetDriver((0..<10).map { .service("s\($0)", after: $0 > 0 ? ["s\($0 - 1)"] : []) })
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawned(attempt: 1, pid: 1), to: "s0")
        driver.stopAll()
        driver.spawnAll()
        #expect(driver.fleet.machines.allSatisfy { $0.phase == .stopped })
        #expect(driver.takeTold() == ["s0"])
    }

    @Test func restartTakesWhatRequiresItAlongAndBringsItBack() throws {
        let driver = try chain()
        driver.restart("db")
        #expect(driver.takeTold() == ["web", "app", "db"])
        #expect(driver.takeLaunched() == ["db", "app", "web"])
        #expect(driver.states == "db RUNNING, app RUNNING, web RUNNING, other RUNNING")
        #expect(driver["web"].attempt == 2)
    }

    @Test func restartLeavesRequirersThatAreDownDown() throws {
        let driver = try chain()
        driver.stop("web")
        _ = driver.takeTold()
        driver.restart("db")
        #expect(driver.takeTold() == ["app", "db"])
        #expect(driver.states == "db RUNNING, app RUNNING, web STOPPED, other RUNNING")
    }

    @Test func restartPullsInWhatItRequires() throws {
        let driver = try FleetDriver([
            .service("db", .plain(enabled: false)), .service("web", requires: ["db"], .plain(enabled: false)),
        ])
        driver.restart("web")
        #expect(driver.states == "db RUNNING, web RUNNING")
    }

    @Test func aStartDuringARestartLosesNeither() throws {
        let driver = try chain()
        driver.obeys = false
        driver.restart("db")
        #expect(driver.takeTold() == ["web"])
        driver.start("db")
        driver.end("web", .terminated)
        driver.end("app", .terminated)
        #expect(driver.takeTold() == ["app", "db"])
        driver.end("db", .terminated)
        #expect(driver.takeLaunched() == ["db", "app", "web"])
    }

    @Test func aRestartOfOneInstanceRestartsThatOneAndWhatRequiresTheService() throws {
        let driver = try FleetDriver([.service("db", instances: 2), .service("web", requires: ["db"])])
        driver.boot()
        driver.restart("db@2")
        #expect(driver.takeTold() == ["web", "db@2"])
        #expect(driver["db@1"].attempt == 1)
        #expect(driver.states == "db@1 RUNNING, db@2 RUNNING, web RUNNING")
    }

    @Test func aCrashDoesNotTakeRequirersAlong() throws {
        let driver = try chain()
        driver.end("db", .failure)
        #expect(driver.states == "db BACKOFF, app RUNNING, web RUNNING, other RUNNING")
    }

    @Test func killAllWaitsForNoOrder() throws {
        let driver = try chain()
        driver.obeys = false
        driver.stopAll()
        _ = driver.takeTold()
        driver.killAll()
        #expect(Set(driver.takeTold()) == ["db", "app", "web", "other"])
        #expect(driver.fleet.machines.allSatisfy { $0.phase == .stopped && $0.killed })
    }

    @Test func aHoldDropsPendingStartsAndRestartsAndLeavesTheRestRunning() throws {
        let driver = try FleetDriver([
            .service("a"), .service("b"), .service("c", after: ["a"]), .service("d", requires: ["b"]),
        ])
        driver.boot()
        driver.end("b", .failure)
        driver.hold()
        #expect(driver.states == "a RUNNING, b STOPPED, c RUNNING, d RUNNING")
        #expect(driver["b"].deadline == nil)
    }

    @Test func nothingIsLaunchedInAHold() throws {
        let driver = try FleetDriver([.service("a"), .service("b", .plain(enabled: false))])
        driver.boot()
        driver.hold()
        _ = driver.takeLaunched()
        driver.start("b")
        driver.restart("a")
        #expect(driver.takeLaunched() == [])
        driver.stopAll()
        #expect(driver.fleet.machines.allSatisfy { $0.phase == .stopped })
        #expect(driver.fleet.busy == 0)
    }
}
