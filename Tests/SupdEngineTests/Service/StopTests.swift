import SupdEngine
import SupdPlugin
import Testing

/// The way down: steps, leftovers, SIGKILL, kill modes.
@Suite struct StopTests {
    @Test func theStopStepsFollowEachOtherAndThenSIGKILL() {
        let driver = MachineDriver()
        driver.run()
        #expect(driver.stop() == [.requestStop])
        #expect(driver.send(.beginStop) == [.signalGroup(.int), .signalGroup(.cont)])
        #expect(driver.wait == .seconds(2))
        #expect(driver.runTimer() == [.signalGroup(.term), .signalGroup(.cont)])
        #expect(driver.wait == .seconds(3))
        #expect(!driver.machine.killed)
        #expect(driver.runTimer() == [.signalGroup(.kill), .signalTree(.kill)])
        #expect(driver.machine.killed)
        driver.exit(.killed)
        driver.examined(0)
        #expect(driver.state == .stopped)
        #expect(driver.machine.killed)
        #expect(driver.wait == nil)
    }

    @Test func aStoppedProcessIsContinuedAfterTheStopSignal() {
        for mode in KillMode.allCases {
            let driver = MachineDriver(.plain(killMode: mode))
            driver.run()
            driver.stop()
            let actions = driver.send(.beginStop)
            #expect(
                actions
                    == (mode == .controlGroup
                        ? [.signalGroup(.int), .signalGroup(.cont)] : [.signalMain(.int), .signalMain(.cont)]))
        }
    }

    @Test func aStepThatIsSIGKILLNeedsNoContinuing() {
        let driver = MachineDriver(.plain(stopSteps: [StopStep(signal: .kill, wait: .seconds(1))]))
        driver.run()
        driver.stop()
        #expect(driver.send(.beginStop) == [.signalGroup(.kill)])
    }

    @Test func withoutStopStepsSIGKILLComesAtOnce() {
        let driver = MachineDriver(.plain(stopSteps: []))
        driver.run()
        driver.stop()
        #expect(driver.send(.beginStop) == [.signalGroup(.kill), .signalTree(.kill)])
        #expect(driver.machine.killed)
    }

    @Test func whatSurvivesSIGKILLIsKilledAgainAtMostOnceASecond() {
        let driver = MachineDriver(.plain(stopSteps: []))
        driver.run()
        driver.beginStop()
        var waits: [Duration?] = []
        for _ in 0..<8 {
            waits.append(driver.wait)
            #expect(driver.runTimer() == [.signalGroup(.kill), .signalTree(.kill)])
        }
        #expect(waits == [50, 100, 200, 400, 800, 1000, 1000, 1000].map { .milliseconds($0) })
        for _ in 0..<100 { driver.runTimer() }
        #expect(driver.wait == .seconds(1))
    }

    @Test func stoppedIsSaidOnlyOnceTheTreeIsProvedGone() {
        let driver = MachineDriver()
        driver.run()
        driver.beginStop()
        #expect(driver.exit(.terminated) == [.examineTree(attempt: 1)])
        #expect(driver.state == .stopping)
        #expect(driver.examined(1) == [.signalTree(.int), .signalTree(.cont)], "the group alone was told so far")
        #expect(driver.examined(1).isEmpty, "each step is sent to the tree once")
        #expect(driver.wait == .seconds(2), "the step's time goes on")
        #expect(driver.runTimer() == [.signalTree(.term), .signalTree(.cont)])
        #expect(driver.runTimer() == [.signalTree(.kill), .examineTree(attempt: 1)])
        #expect(driver.examined(1).isEmpty)
        #expect(driver.state == .stopping)
        #expect(driver.runTimer() == [.signalTree(.kill), .examineTree(attempt: 1)])
        driver.examined(0)
        #expect(driver.state == .stopped)
    }

    @Test func leftoversOfACrashGetTheStopStepsBeforeTheReplacementStarts() {
        let driver = MachineDriver()
        driver.run()
        #expect(driver.exit(.failure) == [.examineTree(attempt: 1)])
        #expect(driver.examined(3) == [.signalTree(.int), .signalTree(.cont)])
        #expect(driver.state == .stopping)
        #expect(driver.launch().isEmpty)
        #expect(driver.runTimer() == [.signalTree(.term), .signalTree(.cont)])
        #expect(driver.examined(0).isEmpty)
        #expect(driver.state == .backoff)
        #expect(!driver.machine.killed)
        driver.runTimer()
        #expect(driver.launch() == [.spawn(attempt: 2)])
    }

    @Test func killModeProcessLeavesOthersRunning() {
        let driver = MachineDriver(.plain(killMode: .process))
        driver.run()
        driver.stop()
        #expect(driver.send(.beginStop) == [.signalMain(.int), .signalMain(.cont)])
        driver.overrun(1)
        #expect(driver.runTimer() == [.signalMain(.kill)])
        driver.exit(.killed)
        #expect(driver.examined(5).isEmpty)
        #expect(driver.state == .stopped)
    }

    @Test func killModeMixedTellsTheMainProcessAndKillsTheTree() {
        let driver = MachineDriver(.plain(killMode: .mixed))
        driver.run()
        driver.stop()
        #expect(driver.send(.beginStop) == [.signalMain(.int), .signalMain(.cont)])
        driver.overrun(1)
        #expect(driver.runTimer() == [.signalGroup(.kill), .signalTree(.kill)])
    }

    @Test func aKillAfterTheMainProcessEndedUnderKillModeProcessSendsNothing() {
        let driver = MachineDriver(.plain(killMode: .process))
        driver.run()
        driver.stop()
        driver.exit(.terminated)
        #expect(driver.send(.kill).isEmpty)
        #expect(!driver.machine.killed)
        driver.examined(2)
        #expect(driver.state == .stopped)
    }

    @Test func aStepAfterTheMainProcessEndedUnderKillModeProcessSendsNothing() {
        let driver = MachineDriver(.plain(killMode: .process))
        driver.run()
        driver.beginStop()
        driver.exit(.terminated)
        #expect(driver.runTimer().isEmpty, "the answer about the tree came late")
        driver.examined(2)
        #expect(driver.state == .stopped)
    }

    @Test func killSkipsTheStepsThatAreLeft() {
        let driver = MachineDriver()
        driver.run()
        driver.beginStop()
        #expect(driver.send(.kill) == [.signalGroup(.kill), .signalTree(.kill)])
        #expect(driver.machine.killed)
        driver.end(.killed)
        #expect(driver.state == .stopped)
    }

    @Test func killDoesNotWaitForDependents() {
        let driver = MachineDriver()
        driver.run()
        driver.stop()
        #expect(driver.send(.kill) == [.signalGroup(.kill), .signalTree(.kill)])
        #expect(!driver.machine.stopRequested)
    }

    @Test func killOfAQueuedSpawnDropsIt() {
        let driver = MachineDriver()
        driver.start()
        driver.launch()
        driver.stop()
        #expect(driver.send(.kill).isEmpty)
        #expect(driver.state == .stopped)
        #expect(!driver.machine.wantsSpawn(of: 1))
        #expect(!driver.machine.killed)
    }

    @Test func killedIsForgottenWithTheNextAttempt() {
        let driver = MachineDriver()
        driver.run()
        driver.beginStop()
        driver.send(.kill)
        driver.end(.killed)
        driver.start()
        #expect(driver.machine.killed)
        driver.launch()
        #expect(!driver.machine.killed)
    }

    @Test func aStopOrderedWhileLeftoversGoEndsStopped() {
        let driver = MachineDriver()
        driver.run()
        driver.exit(.failure)
        driver.examined(1)
        #expect(driver.stop().isEmpty)
        driver.examined(0)
        #expect(driver.state == .stopped)
    }

    @Test func aTimerThatWasMovedMeanwhileDoesNothing() {
        let driver = MachineDriver()
        driver.run()
        driver.beginStop()
        driver.pass(.milliseconds(1_999))
        #expect(driver.send(.timer).isEmpty)
        driver.pass(.milliseconds(1))
        #expect(driver.send(.timer) == [.signalGroup(.term), .signalGroup(.cont)])
    }

    @Test(arguments: [KillMode.controlGroup, .mixed, .process])
    func aKillDuringTheHooksBeforeAStopLooksAtATreeWhoseMainProcessIsGone(mode: KillMode) {
        let driver = MachineDriver(.plain(killMode: mode, errands: Errands(hooks: [.beforeStop])))
        driver.run()
        driver.beginStop()
        driver.exit(.success)
        #expect(driver.examined(0).isEmpty, "the hooks still run")
        #expect(driver.send(.kill).contains(.examineTree(attempt: 1)))
        driver.examined(0)
        #expect(driver.phase == .stopped)
    }

    /// systemd.kill(5): in mode mixed the stop signal is for the main process, and SIGKILL for the others.
    @Test func inModeMixedWhatTheMainProcessLeavesIsKilled() {
        let ordered = MachineDriver(.plain(killMode: .mixed))
        ordered.run()
        ordered.stop()
        #expect(ordered.send(.beginStop) == [.signalMain(.int), .signalMain(.cont)])
        ordered.exit(.terminated)
        #expect(ordered.examined(2).contains(.signalTree(.kill)) && ordered.machine.killed)
        ordered.examined(0)
        #expect(ordered.phase == .stopped)

        let byItself = MachineDriver(.plain(killMode: .mixed))
        byItself.run()
        byItself.exit(.failure)
        let actions = byItself.examined(2)
        #expect(actions.contains(.signalTree(.kill)) && !actions.contains(.signalTree(.int)))
    }

    /// What runs before the program is no less than that in this mode: it gets the stop signal.
    @Test func inModeMixedACommandBeforeTheProgramGetsTheStopSignal() {
        let driver = MachineDriver(.plain(killMode: .mixed, errands: Errands(commands: [.beforeStart])))
        driver.start()
        driver.launch()
        driver.stop()
        #expect(driver.send(.beginStop).contains(.signalTree(.int)))
        #expect(driver.examined(1).isEmpty && !driver.machine.killed)
    }
}
