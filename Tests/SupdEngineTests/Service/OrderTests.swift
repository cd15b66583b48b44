import SupdEngine
import SupdPlugin
import Testing

/// Orders that cross what the machine is doing: it ends where the last one wanted.
@Suite struct OrderTests {
    let driver = MachineDriver()

    @Test func stopDuringBackoffCancelsTheTimer() {
        driver.run()
        driver.end(.failure)
        #expect(driver.state == .backoff)
        #expect(driver.stop().isEmpty)
        #expect(driver.state == .stopped)
        #expect(driver.wait == nil)
        driver.pass(.seconds(60))
        #expect(driver.send(.timer).isEmpty)
        #expect(driver.state == .stopped)
    }

    @Test func restartInBackoffStartsAtOnce() {
        driver.run()
        driver.end(.failure)
        #expect(driver.restart() == [.requestLaunch])
        #expect(driver.launch() == [.spawn(attempt: 2)])
    }

    @Test func startInBackoffStartsAtOnceAndForgetsFailures() {
        driver.run()
        driver.end(.failure)
        #expect(driver.machine.restarts == 1)
        #expect(driver.start() == [.requestLaunch])
        #expect(driver.machine.restarts == 0)
        #expect(driver.wait == nil)
    }

    @Test func startDuringStopEndsRunning() {
        driver.run()
        driver.beginStop()
        driver.start()
        driver.exit(.terminated)
        #expect(driver.examined(0) == [.requestLaunch])
        #expect(driver.launch() == [.spawn(attempt: 2)])
        driver.spawned()
        #expect(driver.state == .running)
    }

    @Test func startDuringStopForgetsFailures() {
        driver.run()
        driver.end(.failure)
        driver.runTimer()
        driver.launch()
        driver.spawned()
        driver.exit(.failure)
        #expect(driver.machine.restarts == 1)
        driver.start()
        #expect(driver.machine.restarts == 0)
        #expect(driver.examined(0) == [.requestLaunch])
    }

    @Test func stopDuringStartEndsStopped() {
        driver.start()
        driver.launch()
        #expect(driver.stop() == [.requestStop])
        #expect(driver.machine.wantsSpawn(of: 1))
        #expect(driver.send(.beginStop).isEmpty)
        #expect(driver.state == .stopped)
        #expect(!driver.machine.wantsSpawn(of: 1), "a spawn that is still in the queue is dropped there")
        #expect(driver.wait == nil)
    }

    @Test func stopDuringAOneshotsRunEndsStopped() {
        let driver = MachineDriver(.plain(type: .oneshot))
        driver.run()
        driver.beginStop()
        driver.exit(.success)
        driver.examined(0)
        #expect(driver.phase == .stopped)
        #expect(driver.machine.desired == .down)
    }

    @Test func stopWhileWaitingEndsStopped() {
        driver.start()
        driver.stop()
        #expect(driver.phase == .stopped)
        #expect(driver.launch().isEmpty, "a grant that was on its way starts nothing")
        #expect(driver.attempt == 0)
    }

    @Test func startTakesBackAStopThatHasNotBegun() {
        driver.run()
        #expect(driver.stop() == [.requestStop])
        #expect(driver.start().isEmpty)
        #expect(driver.send(.beginStop).isEmpty, "the grant of a stop that was taken back stops nothing")
        #expect(driver.state == .running)
        #expect(driver.machine.isUp)
    }

    @Test func startDoesNotTakeBackARestartThatHasNotBegun() {
        driver.run()
        #expect(driver.restart() == [.requestStop])
        driver.start()
        #expect(!driver.send(.beginStop).isEmpty)
        driver.end(.terminated)
        #expect(driver.launch() == [.spawn(attempt: 2)])
    }

    @Test func stopAfterRestartEndsStopped() {
        driver.run()
        driver.restart()
        #expect(driver.stop().isEmpty, "the stop is asked for once")
        driver.send(.beginStop)
        driver.end(.terminated)
        #expect(driver.phase == .stopped)
    }

    @Test func restartAfterStopEndsRunning() {
        driver.run()
        driver.stop()
        driver.restart()
        driver.send(.beginStop)
        driver.end(.terminated)
        #expect(driver.phase == .waiting)
    }

    @Test func restartDuringStopEndsRunning() {
        driver.run()
        driver.beginStop()
        driver.restart()
        driver.end(.terminated)
        #expect(driver.phase == .waiting)
    }

    @Test func restartOfWhatIsDownStartsIt() {
        #expect(driver.restart() == [.requestLaunch])
        #expect(driver.machine.desired == .up)
    }

    @Test func restartDuringAStartThatFailsStartsAgain() {
        let driver = MachineDriver(.plain(restart: .no))
        driver.start()
        driver.launch()
        driver.restart()
        #expect(driver.send(.spawnFailed(attempt: 1, .missing)) == [.requestLaunch])
        #expect(driver.launch() == [.spawn(attempt: 2)])
    }

    @Test func stopDuringAStartThatFailsEndsStopped() {
        driver.start()
        driver.launch()
        driver.stop()
        #expect(driver.send(.spawnFailed(attempt: 1, .missing)).isEmpty)
        #expect(driver.phase == .stopped)
        #expect(driver.wait == nil)
    }

    @Test func stopOfWhatEndsAtThatMomentEndsStopped() {
        driver.run()
        driver.stop()
        #expect(driver.exit(.failure) == [.examineTree(attempt: 1)])
        #expect(driver.send(.beginStop).isEmpty)
        driver.examined(0)
        #expect(driver.phase == .stopped, "its policy would have run it again, but it is wanted down")
    }

    @Test func restartOfWhatEndsAtThatMomentStartsAgainWithoutItsPolicy() {
        let driver = MachineDriver(.plain(restart: .no))
        driver.run()
        driver.restart()
        driver.exit(.failure)
        #expect(driver.examined(0) == [.requestLaunch])
    }

    @Test func stopOfWhatIsDownKeepsHowItEnded() {
        driver.run()
        driver.end(.success)
        driver.stop()
        #expect(driver.state == .exited)
        #expect(driver.machine.desired == .down)
        #expect(!driver.machine.isUp)
    }

    @Test func anOrderIsTheCause() {
        let order = Cause.order(uid: 1000, pid: 42)
        driver.send(.start(order))
        #expect(driver.machine.cause == order)
        driver.send(.stop(.drain))
        #expect(driver.machine.cause == .drain)
    }

    @Test func aStartOfWhatIsUpKeepsItsCause() {
        driver.run()
        driver.send(.start(.order(uid: 1000, pid: 42)))
        #expect(driver.machine.cause == .boot)
    }
}
