import SupdEngine
import SupdPlugin
import Testing

/// Attempts: how they begin, how they fail to, and that an older one changes nothing.
@Suite struct AttemptTests {
    @Test func anExecServiceRunsOnceItsProgramHasBegun() {
        let driver = MachineDriver()
        #expect(driver.start() == [.requestLaunch])
        #expect(driver.state == .stopped, "what waits does not run")
        #expect(driver.launch() == [.spawn(attempt: 1)])
        #expect(driver.state == .starting)
        #expect(driver.wait == .seconds(90))
        #expect(driver.spawned().isEmpty)
        #expect(driver.state == .running)
        #expect(driver.wait == nil)
        #expect(driver.machine.pid == 101)
    }

    @Test func aSecondLaunchStartsNothing() {
        let driver = MachineDriver()
        driver.start()
        driver.launch()
        #expect(driver.launch().isEmpty)
        driver.spawned()
        #expect(driver.launch().isEmpty)
        #expect(driver.attempt == 1)
    }

    @Test func aSecondSpawnOfTheSameAttemptIsNotBelieved() {
        let driver = MachineDriver(.plain(type: .oneshot))
        driver.run()
        driver.send(.spawned(attempt: 1, pid: 9))
        #expect(driver.machine.pid == 101)
        #expect(!driver.machine.wantsSpawn(of: 1))
    }

    @Test(arguments: MachineSituations.all.map(\.name))
    func eventsOfAnotherAttemptChangeNothing(name: String) throws {
        let situation = try #require(MachineSituations.all.first { $0.name == name })
        for offset: UInt64 in [1, 2, .max] {
            let driver = situation.driver()
            let before = CellText.snapshot(driver.machine)
            let other = driver.attempt &+ offset
            let events: [ServiceEvent] = [
                .spawnPending(attempt: other), .spawned(attempt: other, pid: 7), .spawnFailed(attempt: other, .missing),
                .spawnFailed(attempt: other, .shortage), .exited(attempt: other, .failure),
                .treeExamined(attempt: other, remaining: 0), .treeExamined(attempt: other, remaining: 3),
            ]
            for event in events {
                #expect(driver.send(event).isEmpty)
                #expect(CellText.snapshot(driver.machine) == before)
            }
        }
    }

    @Test func aMissingProgramIsFatalWherePolicySaysStay() {
        let driver = MachineDriver(.plain(restart: .no))
        driver.start()
        driver.launch()
        driver.send(.spawnFailed(attempt: 1, .missing))
        #expect(driver.phase == .fatal(.couldNotStart))
        #expect(driver.machine.lastExit?.outcome == .spawnFailed(.missing))
        #expect(driver.wait == nil)
    }

    @Test func aMissingProgramIsTriedAgainWherePolicySaysRestart() {
        let driver = MachineDriver(.plain(restart: .always))
        driver.start()
        driver.launch()
        driver.send(.spawnFailed(attempt: 1, .missing))
        #expect(driver.state == .backoff)
        #expect(driver.machine.restarts == 1)
        #expect(driver.wait == .seconds(5))
    }

    @Test func aSpawnThatFailsForWantOfResourcesIsNotCounted() {
        let limit = StartLimit(burst: 2, interval: .seconds(1000))
        let driver = MachineDriver(.plain(restart: .no, startLimit: limit))
        driver.start()
        for attempt in 1...50 {
            driver.launch()
            driver.send(.spawnFailed(attempt: UInt64(attempt), .shortage))
            #expect(driver.state == .backoff, "neither its policy nor its start limit is asked")
            #expect(driver.wait == .seconds(1))
            driver.runTimer()
        }
        #expect(driver.machine.restarts == 0)
    }

    @Test func aSpawnThatFailsForWantOfResourcesForgetsNoEarlierStart() {
        let limit = StartLimit(burst: 10, interval: .seconds(1000))
        let driver = MachineDriver(
            .plain(restart: .always, backoff: FixedBackoff(delay: .seconds(1)), startLimit: limit))
        driver.run()
        for _ in 2...10 {
            driver.end(.failure)
            driver.runTimer()
            driver.launch()
            if driver.attempt == 10 { driver.send(.spawnFailed(attempt: 10, .shortage)) } else { driver.spawned() }
        }
        driver.runTimer()
        driver.launch()
        driver.spawned()
        driver.end(.failure)
        #expect(driver.phase == .fatal(.startLimit(limit)), "ten starts that counted are all it may have")
    }

    @Test(arguments: [
        (SpawnFailure.Stage.clone, Int32(11), true), (.clone, 12, true), (.pipe, 24, true), (.pipe, 23, true),
        (.clone, 24, true), (.clone, 23, true), (.controlGroup, 24, true), (.controlGroup, 12, true),
        (.descriptors, 24, true), (.environment, 24, true), (.resources, 23, true), (.socket, 24, true),
        (.socket, 105, true), (.exec, 23, true),
        // What a child may have is said by its service's own limits.
        (.exec, 24, false), (.exec, 12, false), (.oomScoreAdjust, 24, false),
        (.clone, 1, false), (.exec, 11, false), (.exec, 2, false), (.user, 11, false), (.controlGroup, 13, false),
    ])
    func onlyShortagesOfTheSystemAreWantOfResources(stage: SpawnFailure.Stage, error: Int32, expected: Bool) {
        let failure = SpawnFailure(stage: stage, error: ErrorNumber(error), subject: "x")
        #expect(failure.isWantOfResources == expected)
    }

    @Test func theTimeOfAStartCountsFromItsSpawn() {
        let driver = MachineDriver(.plain(type: .oneshot, timeoutStart: .seconds(10)))
        driver.start()
        driver.launch()
        driver.pass(.seconds(9))
        driver.spawned()
        #expect(driver.wait == .seconds(10))
    }

    @Test func aSpawnThatIsStillQueuedAtTheDeadlineGetsItsTimeAnew() {
        let driver = MachineDriver()
        driver.start()
        driver.launch()
        #expect(driver.runTimer().isEmpty)
        #expect(driver.state == .starting)
        #expect(driver.wait == .seconds(90))
    }

    @Test func anExitIsRecordedWithItsAttemptPidAndTime() throws {
        let driver = MachineDriver()
        driver.run()
        driver.pass(.seconds(7))
        driver.exit(.failure)
        let exit = try #require(driver.machine.lastExit)
        #expect(exit == ExitRecord(attempt: 1, pid: 101, outcome: .failure, ranFor: .seconds(7)))
        #expect(driver.machine.lastExitAt == driver.now)
        #expect(driver.machine.pid == nil)
    }

    @Test func sinceIsWhenTheStateLastChanged() {
        let driver = MachineDriver()
        driver.run()
        let began = driver.now
        driver.pass(.seconds(3))
        driver.stop()
        #expect(driver.machine.since == began, "a stop that waits for dependents changes no state")
        driver.send(.beginStop)
        #expect(driver.machine.since == driver.now)
    }
}
