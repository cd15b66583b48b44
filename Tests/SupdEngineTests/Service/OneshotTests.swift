import SupdEngine
import SupdPlugin
import Testing

/// Services that are up once they have ended.
@Suite struct OneshotTests {
    let driver = MachineDriver(.plain(type: .oneshot, restart: .no, timeoutStart: .seconds(10)))

    @Test func aOneshotIsStartingWhileItRunsAndUpOnceItSucceeded() {
        driver.run()
        #expect(driver.state == .starting)
        #expect(!driver.machine.isUp)
        driver.exit(.success)
        #expect(!driver.machine.isUp, "its tree is not yet proved gone")
        driver.examined(0)
        #expect(driver.state == .exited)
        #expect(driver.machine.isUp)
        #expect(!driver.machine.needsStart)
    }

    @Test func aOneshotThatFailedIsNotUp() {
        driver.run()
        driver.end(.failure)
        #expect(driver.state == .exited)
        #expect(!driver.machine.isUp)
        #expect(driver.machine.needsStart)
    }

    @Test func aOneshotThatOverrunsItsTimeGetsTheStopStepsAndHasTimedOut() throws {
        driver.run()
        #expect(driver.wait == .seconds(10))
        #expect(driver.runTimer() == [.signalGroup(.int), .signalGroup(.cont)])
        #expect(driver.state == .stopping)
        driver.end(.terminated)
        #expect(driver.state == .exited)
        #expect(try #require(driver.machine.lastExit).forced == .startTimeout)
        #expect(!driver.machine.isUp, "SIGTERM is a clean end, overrunning the time is not")
    }

    @Test func aOneshotThatTimedOutIsRunAgainByItsPolicy() {
        let driver = MachineDriver(.plain(type: .oneshot, restart: .onFailure, timeoutStart: .seconds(10)))
        driver.run()
        driver.runTimer()
        driver.end(.terminated)
        #expect(driver.state == .backoff)
    }

    @Test func aOneshotThatASignalEndedIsNotUp() {
        driver.run()
        driver.end(.terminated)
        #expect(driver.state == .exited && !driver.machine.isUp, "its work was not done")
    }

    private func completing() -> MachineDriver {
        let errands = Errands(commands: [.afterStart])
        let driver = MachineDriver(.plain(type: .oneshot, restart: .no, timeoutStart: .seconds(10), errands: errands))
        driver.run()
        driver.exit(.success)
        driver.examined(0)
        return driver
    }

    /// Until its exec_start_post is done it is on its way up, and a stop ends that.
    @Test func aStopEndsWhatComesAfterAOneshot() {
        let driver = completing()
        #expect(driver.machine.completesStart && !driver.machine.isUp)
        let actions = driver.send(.stop(.order(uid: 0, pid: 1)))
        #expect(
            actions.contains(.signalTree(.int)) && actions.contains { if case .dropErrand = $0 { true } else { false } }
        )
        driver.examined(0)
        #expect(driver.state == .stopped)
    }

    @Test func aStartLeavesAOneshotThatCompletesItsStartAlone() {
        let driver = completing()
        #expect(driver.send(.start(.order(uid: 0, pid: 1))) == [])
        let attempt = driver.machine.attempt
        driver.send(.errandEnded(attempt: attempt, .afterStart, failure: nil))
        driver.examined(0)
        #expect(driver.state == .exited && driver.machine.isUp && driver.machine.attempt == attempt)
    }

    @Test func aOneshotWithoutATimeLimitHasNoDeadline() {
        let driver = MachineDriver(.plain(type: .oneshot, timeoutStart: nil))
        driver.run()
        #expect(driver.wait == nil)
    }

    @Test func leftoversOfAOneshotGetTheStopStepsBeforeItIsUp() {
        driver.run()
        driver.exit(.success)
        #expect(driver.examined(1) == [.signalTree(.int), .signalTree(.cont)])
        #expect(!driver.machine.isUp)
        driver.examined(0)
        #expect(driver.machine.isUp)
    }

    @Test func aOneshotThatIsStoppedOnceItSucceededIsNotUp() {
        driver.run()
        driver.end(.success)
        driver.stop()
        #expect(!driver.machine.isUp)
        #expect(driver.state == .exited)
    }

    @Test func startOfAOneshotThatSucceededRunsItAgain() {
        driver.run()
        driver.end(.success)
        #expect(driver.start() == [.requestLaunch])
        #expect(!driver.machine.isUp)
    }

    @Test func itsSuccessIsItsEndWhateverThePolicy() {
        let driver = MachineDriver(.plain(type: .oneshot, restart: .always))
        driver.run()
        driver.end(.failure)
        #expect(driver.state == .backoff, "a failure is tried again")
        driver.runTimer()
        driver.launch()
        driver.spawned()
        driver.end(.success)
        #expect(driver.state == .exited && driver.machine.isUp)
    }
}
