import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// What waits for something that will never be there.
@Suite struct HopelessTests {
    private let essential = ServiceSettings.plain(essential: true)
    private let once = ServiceSettings.plain(restart: .no)

    @Test func anEssentialServiceBehindWhatHasFailedForGoodHasEnded() throws {
        let driver = try FleetDriver([.service("db", once), .service("web", requires: ["db"], essential)])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "db")
        #expect(driver.fleet.isHopeless(1))
        #expect(driver.takeEnded() == ["web"])
    }

    @Test func soHasOneBehindAChainOfThem() throws {
        let driver = try FleetDriver([
            .service("a", .plain(type: .oneshot, restart: .no)), .service("b", requires: ["a"]),
            .service("c", requires: ["b"]), .service("web", requires: ["c"], essential),
        ])
        driver.boot()
        driver.end("a", .failure)
        #expect([1, 2, 3].allSatisfy { driver.fleet.isHopeless($0) })
        #expect(driver.takeEnded() == ["web"])
    }

    @Test func whatIsNoOneshotAndHasEndedWithSuccessWillNeverBeReady() throws {
        let driver = try FleetDriver([
            .service("db", .plain(awaitsReadiness: true)), .service("web", requires: ["db"], essential),
        ])
        driver.boot()
        driver.end("db", .success)
        #expect(driver.states == "db EXITED, web STOPPED")
        #expect(driver.takeEnded() == ["web"])
    }

    @Test func whatIsTriedAgainLeavesHope() throws {
        let driver = try FleetDriver([
            .service("db", .plain(type: .oneshot)), .service("api", requires: ["db"]),
            .service("web", requires: ["api"], essential),
        ])
        driver.boot()
        driver.end("db", .failure)
        #expect(driver.states == "db BACKOFF, api STOPPED, web STOPPED")
        #expect(driver.fleet.isBlocked(2) && !driver.fleet.isHopeless(2))
        #expect(driver.fleet.obstacle(0) == .awaitsRestart && driver.fleet.obstacle(1) == .awaitsOthers)
        #expect(driver.takeEnded() == [])
        driver.runTimer(of: "db")
        driver.end("db", .success)
        #expect(driver.states == "db EXITED, api RUNNING, web RUNNING")
        #expect(driver.takeEnded() == [])
    }

    @Test func oneOfTwoThatHasFailedForGoodIsEnoughWhileTheOtherIsTriedAgain() throws {
        let driver = try FleetDriver([
            .service("a"), .service("b", .plain(type: .oneshot, restart: .no)),
            .service("web", requires: ["a", "b"], essential),
        ])
        driver.boot()
        driver.end("a", .failure)
        #expect(driver.fleet.isBlocked(2) && !driver.fleet.isHopeless(2))
        driver.end("b", .failure)
        #expect(driver.states == "a BACKOFF, b EXITED, web STOPPED")
        #expect(driver.takeEnded() == ["web"])
    }

    @Test func whatIsForgottenIsInSomebodysHands() throws {
        let driver = try FleetDriver([.service("db", once), .service("web", requires: ["db"])])
        driver.spawnsAtOnce = false
        driver.boot()
        driver.send(.spawnFailed(attempt: 1, .missing), to: "db")
        #expect(driver.fleet.isHopeless(1) && driver.fleet.obstacle(0) == .lacking)
        driver.send(.resetFailed(FleetDriver.order), to: "db")
        #expect(driver.fleet.isBlocked(1) && !driver.fleet.isHopeless(1))
        driver.spawnsAtOnce = true
        driver.start("db")
        #expect(driver.states == "db RUNNING, web RUNNING")
    }

    @Test func anEssentialServiceThatGoesDownWithWhatItIsBoundToHasEnded() throws {
        let driver = try FleetDriver([
            .service("vpn"), .service("web", bindsTo: ["vpn"]), .service("front", requires: ["web"], essential),
        ])
        driver.boot()
        driver.end("vpn", .failure)
        #expect(driver.states == "vpn BACKOFF, web STOPPED, front STOPPED")
        #expect(driver.takeEnded() == ["front"])
    }

    @Test func anOrderThatTakesItDownIsNotItsEnd() throws {
        let driver = try FleetDriver([.service("vpn"), .service("web", bindsTo: ["vpn"], essential)])
        driver.boot()
        driver.stop("vpn")
        #expect(driver.states == "vpn STOPPED, web STOPPED")
        #expect(driver.takeEnded() == [])
    }

    @Test func whatHasOnlyToStayUpHoldsNoStartSlot() throws {
        let patient = ServiceSettings.plain(minUptime: .seconds(60))
        let driver = try FleetDriver(
            [.service("a", patient), .service("b", patient), .service("c", requires: ["a"])], startParallelism: 1)
        driver.boot()
        #expect(driver.states == "a STARTING, b STARTING, c STOPPED")
        driver.runTimer(of: "a")
        #expect(driver.states == "a RUNNING, b STARTING, c RUNNING")
    }
}
