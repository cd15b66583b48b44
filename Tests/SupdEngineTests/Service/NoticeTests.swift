import SupdEngine
import SupdPlugin
import Testing

/// What follows from what a program says of itself.
@Suite struct NoticeTests {
    private func running(
        watchdog: Duration? = nil, timeoutStart: Duration? = .seconds(90), awaitsReadiness: Bool = false,
        extendMax: Duration = .seconds(3600), errands: Errands = Errands()
    ) -> MachineDriver {
        let driver = MachineDriver(
            .plain(
                timeoutStart: timeoutStart, awaitsReadiness: awaitsReadiness, watchdog: watchdog, extendMax: extendMax,
                errands: errands))
        driver.run()
        return driver
    }

    private func say(_ notice: ServiceNotice, _ driver: MachineDriver) -> [ServiceAction] {
        driver.send(.notified(attempt: driver.attempt, notice))
    }

    @Test func eachSignOfLifeMovesTheNextOne() {
        let driver = running(watchdog: .seconds(10))
        #expect(driver.wait == .seconds(10))
        driver.pass(.seconds(9))
        #expect(say(.alive, driver) == [])
        #expect(driver.wait == .seconds(10))
        #expect(driver.state == .running)
    }

    @Test func oneThatFallsSilentIsAbortedAndThenGetsItsSteps() {
        // Nothing of supd's or its own is asked first.
        let driver = running(
            watchdog: .seconds(10), errands: Errands(commands: [.beforeStop, .afterStop], hooks: [.beforeStop]))
        #expect(driver.runTimer() == [.signalGroup(.abrt), .signalGroup(.cont)])
        #expect(driver.state == .stopping && driver.wait == .seconds(2))
        #expect(driver.runTimer() == [.signalGroup(.int), .signalGroup(.cont)])
        #expect(driver.runTimer() == [.signalGroup(.term), .signalGroup(.cont)])
        _ = driver.exit(.terminated)
        #expect(driver.machine.lastExit?.forced == .watchdog)
        #expect(driver.examined(0) == [.runErrand(attempt: 1, .afterStop)])
    }

    @Test func onlyWhatIsUpIsWatched() {
        let driver = running(watchdog: .seconds(10), awaitsReadiness: true)
        #expect(driver.state == .starting && driver.wait == .seconds(90))
        _ = say(.alive, driver)
        #expect(driver.wait == .seconds(90))
        _ = driver.send(.becameReady(attempt: 1))
        #expect(driver.state == .running && driver.wait == .seconds(10))
    }

    @Test func aProgramMaySetItsTimeForItsAttempt() {
        let driver = running(watchdog: .seconds(10))
        _ = say(.watchdog(every: .seconds(3)), driver)
        #expect(driver.wait == .seconds(3))
        _ = say(.watchdog(every: .zero), driver)
        #expect(driver.wait == nil)
        driver.end(.failure)
        _ = driver.runTimer()
        driver.run()
        #expect(driver.state == .running && driver.wait == .seconds(10))
    }

    @Test func aStopThatWaitsForOthersIsNotOvertaken() {
        let driver = running(watchdog: .seconds(10))
        _ = driver.stop()
        #expect(driver.runTimer() == [])
        #expect(driver.state == .running && driver.wait == .seconds(1))
        #expect(say(.failing, driver) == [])
    }

    @Test func oneThatSaysThatItFailsIsAbortedWithoutAWatchdog() {
        let driver = running()
        #expect(say(.failing, driver) == [.signalGroup(.abrt), .signalGroup(.cont)])
        // It is on its way: a second word changes nothing.
        #expect(say(.failing, driver) == [])
    }

    @Test func aStartIsExtendedFromNowAndOnlySoFar() {
        let driver = running(timeoutStart: .seconds(10), awaitsReadiness: true, extendMax: .seconds(15))
        // What is shorter than what is left takes nothing away.
        _ = say(.needsTime(.seconds(3)), driver)
        #expect(driver.wait == .seconds(10))
        driver.pass(.seconds(8))
        _ = say(.needsTime(.seconds(12)), driver)
        #expect(driver.wait == .seconds(12))
        driver.pass(.seconds(8))
        // 10 of 15 are used up.
        _ = say(.needsTime(.seconds(30)), driver)
        #expect(driver.wait == .seconds(9))
        _ = say(.needsTime(.seconds(30)), driver)
        #expect(driver.wait == .seconds(9))
        _ = driver.runTimer()
        #expect(driver.machine.isGoingDown)
    }

    @Test func aStepOfAStopIsExtendedAndTheKillIsNot() {
        let driver = running()
        _ = driver.stop()
        driver.beginStop()
        #expect(driver.wait == .seconds(2))
        _ = say(.needsTime(.seconds(20)), driver)
        #expect(driver.wait == .seconds(20))
        _ = driver.runTimer()
        #expect(driver.wait == .seconds(3))
        _ = driver.runTimer()
        let pause = driver.wait
        _ = say(.needsTime(.seconds(20)), driver)
        #expect(driver.wait == pause)
    }

    @Test func whatIsSaidOfAnOlderAttemptOrOfNothingChangesNothing() {
        let driver = running(watchdog: .seconds(10))
        driver.pass(.seconds(5))
        #expect(driver.send(.notified(attempt: 0, .alive)) == [])
        #expect(driver.send(.notified(attempt: 2, .failing)) == [])
        #expect(driver.wait == .seconds(5))
        driver.end(.failure)
        #expect(driver.state == .backoff)
        #expect(say(.failing, driver) == [])
        #expect(say(.needsTime(.seconds(60)), driver) == [])
        #expect(driver.wait == .seconds(5))
    }
}
