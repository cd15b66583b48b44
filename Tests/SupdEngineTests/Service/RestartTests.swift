import Backoffs
import RestartPolicies
import SupdEngine
import SupdPlugin
import Testing

/// What follows an end that nobody ordered: policy, backoff, floor and start limit.
@Suite struct RestartTests {
    private func crash(_ driver: MachineDriver, after time: Duration = .zero) {
        driver.pass(time)
        driver.end(.failure)
    }

    private func comeBack(_ driver: MachineDriver) {
        if driver.state == .backoff { driver.runTimer() }
        driver.launch()
        driver.spawned()
    }

    @Test func aFailureIsFollowedByABackoffAndTheNextAttempt() {
        let driver = MachineDriver()
        driver.run()
        driver.exit(.failure)
        #expect(driver.state == .stopping)
        #expect(driver.examined(0).isEmpty)
        #expect(driver.machine.nextStartAt == driver.now.advanced(by: .seconds(5)))
        #expect(driver.runTimer() == [.requestLaunch])
        #expect(driver.launch() == [.spawn(attempt: 2)])
    }

    @Test func aSuccessIsExitedByPolicy() {
        let driver = MachineDriver()
        driver.run()
        driver.end(.success)
        #expect(driver.state == .exited)
        #expect(driver.machine.desired == .up)
        #expect(!driver.machine.isUp, "only a oneshot is up when it has ended")
    }

    @Test func aBackoffOfNothingStartsAtOnce() {
        let driver = MachineDriver(.plain(backoff: FixedBackoff(delay: .zero)))
        driver.run()
        driver.exit(.failure)
        #expect(driver.examined(0) == [.requestLaunch])
    }

    @Test(arguments: [
        (Duration.seconds(-5), Duration?.none), (.seconds(864_000), .seconds(86_400)),
        (Duration(secondsComponent: .max, attosecondsComponent: 0), .seconds(86_400)),
    ])
    func aBackoffIsHeldWithinZeroAndADay(said: Duration, expected: Duration?) {
        let driver = MachineDriver(.plain(backoff: FixedBackoff(delay: said)))
        driver.run()
        crash(driver)
        #expect(driver.wait == expected)
    }

    @Test func restartsHaveAFloorOnceTenWereWithinASecond() {
        let driver = MachineDriver(.plain(backoff: FixedBackoff(delay: .zero)))
        driver.run()
        for _ in 1..<10 {
            crash(driver, after: .milliseconds(10))
            #expect(driver.phase == .waiting)
            comeBack(driver)
        }
        crash(driver, after: .milliseconds(10))
        #expect(driver.state == .backoff)
        #expect(driver.wait == .milliseconds(100))
    }

    @Test func restartsThatAreSpreadOutHaveNoFloor() {
        let driver = MachineDriver(.plain(backoff: FixedBackoff(delay: .zero)))
        driver.run()
        for _ in 1..<50 {
            crash(driver, after: .milliseconds(101))
            #expect(driver.phase == .waiting)
            comeBack(driver)
        }
    }

    @Test func tooManyStartsInTheIntervalAreFatal() {
        let limit = StartLimit(burst: 3, interval: .seconds(10))
        let driver = MachineDriver(.plain(backoff: FixedBackoff(delay: .seconds(1)), startLimit: limit))
        driver.run()
        for _ in 1..<3 {
            crash(driver)
            #expect(driver.state == .backoff)
            comeBack(driver)
        }
        crash(driver)
        #expect(driver.phase == .fatal(.startLimit(limit)))
        #expect(driver.wait == nil)
        #expect(driver.machine.restarts == 2)
    }

    @Test func startsThatLeaveTheIntervalAreForgotten() {
        let limit = StartLimit(burst: 3, interval: .seconds(10))
        let driver = MachineDriver(.plain(backoff: FixedBackoff(delay: .seconds(1)), startLimit: limit))
        driver.run()
        for _ in 1..<50 {
            crash(driver, after: .milliseconds(2_334))
            #expect(driver.state == .backoff)
            comeBack(driver)
        }
    }

    @Test func aStartLimitOfNothingIsNoLimit() {
        let driver = MachineDriver(.plain(backoff: FixedBackoff(delay: .milliseconds(1))))
        driver.run()
        for _ in 1...200 {
            crash(driver)
            #expect(driver.state == .backoff)
            comeBack(driver)
        }
    }

    private func fatal() -> MachineDriver {
        let limit = StartLimit(burst: 1, interval: .seconds(1000))
        let driver = MachineDriver(.plain(startLimit: limit))
        driver.run()
        crash(driver)
        #expect(driver.phase == .fatal(.startLimit(limit)))
        return driver
    }

    @Test func fatalUntilStart() {
        let driver = fatal()
        driver.pass(.seconds(100_000))
        #expect(driver.send(.timer).isEmpty)
        #expect(driver.state == .fatal)
        #expect(driver.start() == [.requestLaunch])
        comeBack(driver)
        #expect(driver.state == .running)
    }

    @Test func fatalUntilResetFailed() {
        let driver = fatal()
        let cause = Cause.reset(uid: 1000, pid: 42)
        #expect(driver.send(.resetFailed(cause)).isEmpty)
        #expect(driver.machine.cause == cause)
        #expect(driver.phase == .stopped)
        #expect(driver.machine.desired == .down, "nothing will start it by itself")
        #expect(driver.machine.needsStart)
    }

    @Test func resetFailedOfWhatRunsForgetsItsStarts() {
        let limit = StartLimit(burst: 2, interval: .seconds(1000))
        let driver = MachineDriver(.plain(startLimit: limit))
        driver.run()
        for _ in 1...20 {
            crash(driver)
            #expect(driver.state == .backoff)
            comeBack(driver)
            driver.send(.resetFailed(.reset(uid: 0, pid: 1)))
            driver.send(.resetFailed(.reset(uid: 0, pid: 1)))
            #expect(driver.machine.cause == .boot, "it changed nothing that is to be seen")
        }
    }

    @Test func theBackoffIsToldOfTheRowAndTheDelayBefore() {
        let driver = MachineDriver(.plain(backoff: DoublingBackoff()))
        driver.run()
        for expected: Int64 in [1, 2, 4, 8] {
            crash(driver)
            #expect(driver.wait == .seconds(expected))
            comeBack(driver)
        }
    }

    @Test func aStableRunBeginsANewRow() {
        let driver = MachineDriver(.plain(backoff: DoublingBackoff()))
        driver.run()
        for expected: Int64 in [1, 2, 4] {
            crash(driver)
            #expect(driver.wait == .seconds(expected))
            comeBack(driver)
        }
        crash(driver, after: .seconds(60))
        #expect(driver.wait == .seconds(1))
    }

    /// One second, then twice the delay before.
    private struct DoublingBackoff: Backoff {
        var resetAfter: Duration? { .seconds(60) }

        func delay(for context: BackoffContext) -> Duration {
            if context.restart == 1 { #expect(context.previousDelay == nil) }
            return context.previousDelay.map { $0 * 2 } ?? .seconds(1)
        }
    }

    @Test(arguments: [
        (Duration.seconds(30), Duration?.some(.seconds(30))), (.zero, nil), (.seconds(-5), nil),
        (.seconds(864_000), .seconds(86_400)),
        (Duration(secondsComponent: .max, attosecondsComponent: 0), .seconds(86_400)),
    ])
    func aDelayOfThePolicyTakesThePlaceOfTheBackoffs(said: Duration, expected: Duration?) {
        let driver = MachineDriver(.plain(restart: FixedPolicy(decision: .restartAfter(said))))
        driver.run()
        crash(driver)
        #expect(driver.wait == expected)
        #expect(driver.state == (expected == nil ? .stopped : .backoff))
    }

    @Test func aDelayOfThePolicyLeavesTheRowOfTheBackoffAlone() {
        let driver = MachineDriver(.plain(restart: SecondTimeHeld(), backoff: DoublingBackoff()))
        driver.run()
        for expected: Int64 in [1, 100, 2, 4] {
            crash(driver)
            #expect(driver.wait == .seconds(expected))
            comeBack(driver)
        }
    }

    /// Holds the second restart for a hundred seconds.
    private struct SecondTimeHeld: RestartPolicy {
        func decide(_ context: RestartContext) -> RestartDecision {
            context.history.restarts == 1 ? .restartAfter(.seconds(100)) : .restart
        }
    }

    @Test func aPolicyThatAlwaysSaysNowHasTheFloorAndTheStartLimitAgainstIt() {
        let limit = StartLimit(burst: 12, interval: .seconds(10))
        let driver = MachineDriver(.plain(restart: FixedPolicy(decision: .restartAfter(.zero)), startLimit: limit))
        driver.run()
        for _ in 1..<10 {
            crash(driver)
            #expect(driver.phase == .waiting)
            comeBack(driver)
        }
        for _ in 10..<12 {
            crash(driver)
            #expect(driver.wait == .milliseconds(100))
            comeBack(driver)
        }
        crash(driver)
        #expect(driver.phase == .fatal(.startLimit(limit)))
    }

    @Test(arguments: [
        ("more than 3 restarts within 5s", "more than 3 restarts within 5s"), ("", "without a reason"),
        ("a\u{1B}[2Jb\nc", "a?[2Jb?c"), (String(repeating: "ü", count: 100), String(repeating: "ü", count: 100)),
        (String(repeating: "ü", count: 500), String(repeating: "ü", count: 98) + "…"),
    ])
    func whatAPolicyGivesUpIsFatalForItsReason(said: String, shown: String) {
        let driver = MachineDriver(.plain(restart: FixedPolicy(decision: .giveUp(reason: said))))
        driver.run()
        crash(driver)
        #expect(driver.phase == .fatal(.givenUp(shown)))
        #expect(driver.wait == nil)
        #expect(driver.start() == [.requestLaunch])
    }

    private func standard(_ declared: [OptionDeclaration]) -> PluginOptions {
        var values: [String: OptionValue] = [:]
        for option in declared { values[option.name] = option.standard }
        return PluginOptions(values)
    }

    @Test func thePoliciesThatComeWithSupdDriveTheMachine() throws {
        let registrar = PluginRegistrar([RestartPolicies(), Backoffs()])
        let policy = try #require(registrar.restartPolicies["on-failure"])
        let backoff = try #require(registrar.backoffs["constant"])
        let settings = ServiceSettings.plain(
            restart: try policy.make(standard(policy.options)), backoff: try backoff.make(standard(backoff.options)))
        let failing = MachineDriver(settings)
        failing.run()
        crash(failing)
        #expect(failing.state == .backoff)
        let succeeding = MachineDriver(settings)
        succeeding.run()
        succeeding.end(.success)
        #expect(succeeding.state == .exited)
    }
}
