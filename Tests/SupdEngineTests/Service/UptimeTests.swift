import SupdEngine
import SupdPlugin
import Testing

/// `min_uptime`: a start counts once the program has stayed up for so long.
@Suite struct UptimeTests {
    private func driver(
        _ minUptime: Duration = .seconds(10), restart: any RestartPolicy = .onFailure, limit: Int = 0,
        timeoutStart: Duration? = .seconds(90), awaitsReadiness: Bool = false, errands: Errands = Errands()
    ) -> MachineDriver {
        MachineDriver(
            .plain(
                restart: restart, backoff: FixedBackoff(delay: .seconds(5)),
                startLimit: StartLimit(burst: limit, interval: .seconds(3600)), timeoutStart: timeoutStart,
                awaitsReadiness: awaitsReadiness, minUptime: minUptime, errands: errands))
    }

    @Test func itIsUpOnlyOnceItHasStayedUp() {
        let driver = driver()
        driver.run()
        #expect(driver.state == .starting && driver.machine.awaitsUptime && !driver.machine.isUp)
        #expect(driver.wait == .seconds(10))
        driver.pass(.milliseconds(9_999))
        driver.send(.timer)
        #expect(driver.state == .starting)
        driver.pass(.milliseconds(1))
        driver.send(.timer)
        #expect(driver.state == .running && driver.machine.isUp && !driver.machine.awaitsUptime)
        #expect(driver.wait == nil)
    }

    @Test(arguments: [ExitOutcome.success, .failure, .terminated])
    func anEndBeforeIsAFailureWhateverTheProgramEndsWith(outcome: ExitOutcome) {
        let driver = driver()
        driver.run()
        driver.pass(.seconds(9))
        driver.end(outcome)
        #expect(driver.state == .backoff)
        #expect(driver.machine.lastExit?.isEarly == true && !driver.machine.endedWithSuccess)
    }

    @Test func anEndAfterIsWhatItIs() {
        let driver = driver()
        driver.run()
        driver.runTimer()
        driver.end(.success)
        #expect(driver.state == .exited && driver.machine.endedWithSuccess)
        #expect(driver.machine.lastExit?.isEarly == false)
    }

    @Test func anEndThatWasOrderedIsNotEarly() {
        let driver = driver()
        driver.run()
        driver.stop()
        driver.end(.terminated)
        #expect(driver.state == .stopped)
        #expect(driver.machine.lastExit?.isEarly == false)
    }

    @Test func itWaitsForReadinessAndForItsTime() {
        let early = driver(awaitsReadiness: true)
        early.run()
        #expect(early.wait == .seconds(90))
        early.pass(.seconds(4))
        early.send(.becameReady(attempt: early.attempt))
        #expect(early.state == .starting && early.wait == .seconds(6))
        early.runTimer()
        #expect(early.state == .running)
        let late = driver(awaitsReadiness: true)
        late.run()
        late.pass(.seconds(40))
        late.send(.becameReady(attempt: late.attempt))
        #expect(late.state == .running)
    }

    @Test func theTimeToStayUpIsNotThatToStart() {
        let driver = driver(.seconds(600), timeoutStart: .seconds(3))
        driver.run()
        driver.pass(.seconds(599))
        driver.send(.timer)
        #expect(driver.state == .starting)
        driver.runTimer()
        #expect(driver.state == .running)
    }

    @Test func whatComesAfterAStartComesAfterItsTime() {
        let driver = driver(errands: Errands(commands: [.afterStart]))
        driver.run()
        #expect(driver.machine.startErrand == nil)
        #expect(driver.runTimer() == [.runErrand(attempt: 1, .afterStart)])
        driver.send(.errandEnded(attempt: 1, .afterStart, failure: nil))
        #expect(driver.state == .running)
    }

    @Test func theStartLimitCountsTheStartsThatDidNotStayUp() {
        let driver = driver(limit: 3)
        driver.run()
        // Ten that stayed up, then three that did not.
        for _ in 1...10 {
            driver.runTimer()
            driver.end(.failure)
            again(driver)
        }
        for _ in 1...2 {
            driver.end(.failure)
            #expect(driver.state == .backoff)
            again(driver)
        }
        driver.end(.failure)
        #expect(driver.phase == .fatal(.startLimit(StartLimit(burst: 3, interval: .seconds(3600)))))
    }

    private func again(_ driver: MachineDriver) {
        driver.runTimer()
        driver.launch()
        driver.spawned()
    }

    @Test func aStopWhileItStaysUpStopsItAsUsual() {
        let driver = driver()
        driver.run()
        driver.beginStop()
        #expect(driver.state == .stopping && driver.wait == .seconds(2))
        driver.end(.terminated)
        #expect(driver.state == .stopped)
    }
}
