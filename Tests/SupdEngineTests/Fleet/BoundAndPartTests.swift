import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// `binds_to` and `part_of`, as systemd.unit(5) documents BindsTo= and PartOf=.
@Suite struct BoundAndPartTests {
    private func bound(_ settings: ServiceSettings = .plain(), instances: Int = 1) throws -> FleetDriver {
        let driver = try FleetDriver([
            .service("db", instances: instances, settings), .service("app", bindsTo: ["db"]),
            .service("web", requires: ["app"]), .service("other", requires: ["db"]),
        ])
        driver.boot()
        _ = driver.takeLaunched()
        return driver
    }

    @Test func whatIsBoundIsPulledInAndOrdered() throws {
        let driver = try FleetDriver([.service("app", bindsTo: ["db"]), .service("db", .plain(enabled: false))])
        driver.boot()
        #expect(driver.takeLaunched() == ["db", "app"])
        driver.stop("db")
        #expect(driver.takeTold() == ["app", "db"])
    }

    @Test(arguments: [ExitOutcome.failure, .success])
    func whatIsBoundStopsWhereTheOtherEnds(outcome: ExitOutcome) throws {
        let driver = try bound()
        driver.end("db", outcome)
        #expect(driver.takeTold() == ["web", "app"], "what requires it goes first")
        #expect(driver["app"].phase == .stopped && driver["web"].phase == .stopped)
        #expect(driver["app"].cause == .dependency(.named("db")) && driver["web"].cause == .dependency(.named("db")))
        #expect(driver["other"].phase == .running, "what only requires it goes on")
    }

    @Test func whatIsBoundIsNotStartedWhenTheOtherComesBack() throws {
        let driver = try bound()
        driver.end("db", .failure)
        #expect(driver["db"].state == .backoff)
        driver.runTimer(of: "db")
        #expect(driver.states == "db RUNNING, app STOPPED, web STOPPED, other RUNNING")
    }

    @Test func whatIsBoundStopsWhereOneInstanceEnds() throws {
        let driver = try bound(instances: 2)
        driver.end("db@2", .failure)
        #expect(driver["app"].phase == .stopped && driver["db@1"].phase == .running)
    }

    @Test func whatIsBoundStopsWhereTheOtherIsUnhealthy() throws {
        let driver = try bound()
        driver.obeys = false
        driver.send(.becameUnhealthy(attempt: 1), to: "db")
        #expect(driver["db"].state == .stopping && driver["web"].desired == .down && driver["app"].desired == .down)
    }

    @Test func whatWaitsForItsTurnDoesNotTakeItAnyMore() throws {
        let driver = try FleetDriver([
            .service("db"), .service("slow"), .service("app", after: ["slow"], bindsTo: ["db"]),
        ])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawned(attempt: 1, pid: 7), to: "db")
        #expect(driver["app"].phase == .waiting)
        driver.end("db", .failure)
        #expect(driver["app"].phase == .stopped && driver["app"].desired == .down)
    }

    @Test func whatWaitsInABackoffIsNotRunAgain() throws {
        let driver = try bound()
        driver.end("app", .failure)
        #expect(driver["app"].state == .backoff)
        driver.end("db", .failure)
        #expect(driver["app"].phase == .stopped && driver["app"].deadline == nil)
    }

    @Test func aOneshotThatEndedWithSuccessIsUp() throws {
        let driver = try FleetDriver([
            .service("setup", .plain(type: .oneshot)), .service("app", bindsTo: ["setup"]),
        ])
        driver.boot()
        driver.end("setup", .success)
        #expect(driver.states == "setup EXITED, app RUNNING")
    }

    @Test func whatNeverCameUpStopsNothing() throws {
        let driver = try FleetDriver([.service("setup", .plain(type: .oneshot)), .service("app", bindsTo: ["setup"])])
        driver.boot()
        driver.end("setup", .failure)
        #expect(driver["app"].phase == .waiting && driver["app"].desired == .up)
    }

    @Test func aRestartByOrderBringsWhatIsBoundBack() throws {
        let driver = try bound()
        driver.restart("db")
        #expect(driver.states == "db RUNNING, app RUNNING, web RUNNING, other RUNNING")
        #expect(driver["app"].attempt == 2 && driver["web"].attempt == 2)
    }

    @Test func aStopIsPassedOnToPartsOneWay() throws {
        let driver = try FleetDriver([
            .service("group"), .service("a", partOf: ["group"]), .service("b", requires: ["a"]), .service("c"),
        ])
        driver.boot()
        driver.stop("a")
        #expect(driver.states == "group RUNNING, a STOPPED, b STOPPED, c RUNNING")
        driver.start("b")
        driver.stop("group")
        #expect(driver.states == "group STOPPED, a STOPPED, b STOPPED, c RUNNING")
        #expect(driver["a"].cause == .dependency(.named("group")) && driver["b"].cause == .dependency(.named("group")))
        driver.start("group")
        #expect(driver.states == "group RUNNING, a STOPPED, b STOPPED, c RUNNING", "a part is not pulled in")
    }

    @Test func aRestartIsPassedOnToPartsThatAreUp() throws {
        let driver = try FleetDriver([
            .service("group"), .service("a", partOf: ["group"]),
            .service("b", partOf: ["group"], .plain(enabled: false)),
        ])
        driver.boot()
        driver.restart("group")
        #expect(driver["a"].attempt == 2 && driver["a"].phase == .running && driver["b"].phase == .stopped)
    }

    @Test func anEndOfItsOwnIsNotPassedOnToParts() throws {
        let driver = try FleetDriver([.service("group"), .service("a", partOf: ["group"])])
        driver.boot()
        driver.end("group", .failure)
        #expect(driver["a"].phase == .running)
    }

    @Test func partsHaveNoOrder() throws {
        let driver = try FleetDriver([.service("group"), .service("a", partOf: ["group"])])
        driver.boot()
        driver.obeys = false
        driver.stop("group")
        #expect(Set(driver.takeTold()) == ["group", "a"])
    }

    @Test func whatIsAPartOfWhatIsBoundToItStaysDownWithIt() throws {
        let driver = try FleetDriver([.service("db", partOf: ["app"]), .service("app", bindsTo: ["db"])])
        driver.boot()
        driver.end("db", .failure)
        #expect(driver.states == "db STOPPED, app STOPPED")
        #expect(driver["db"].cause == .dependency(.named("app")))
    }

    @Test func partsInACircleGoTogether() throws {
        let driver = try FleetDriver([.service("a", partOf: ["b"]), .service("b", partOf: ["a"])])
        driver.boot()
        driver.stop("b")
        #expect(driver.states == "a STOPPED, b STOPPED")
    }
}
