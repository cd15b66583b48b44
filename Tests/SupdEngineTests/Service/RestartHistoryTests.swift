import SupdPlugin
import Synchronization
import Testing

@testable import SupdEngine

/// What a policy is shown of the ends before.
@Suite struct RestartHistoryTests {
    /// Restarts always, and keeps what it was asked.
    private final class Listener: RestartPolicy {
        private let asked = Mutex<[RestartContext]>([])
        var contexts: [RestartContext] { asked.withLock { $0 } }

        func decide(_ context: RestartContext) -> RestartDecision {
            asked.withLock { $0.append(context) }
            return context.exit.outcome == .exited(code: 9) ? .restartAfter(.seconds(7)) : .restart
        }
    }

    private let listener = Listener()

    private func running() -> MachineDriver {
        let driver = MachineDriver(.plain(restart: listener))
        driver.run()
        return driver
    }

    private func end(_ driver: MachineDriver, _ outcome: ExitOutcome = .failure, after time: Duration = .zero) {
        driver.pass(time)
        driver.end(outcome)
        driver.runTimer()
        driver.launch()
        driver.spawned()
    }

    @Test func theFirstEndHasNoHistory() throws {
        let driver = running()
        end(driver, after: .seconds(3))
        let context = try #require(listener.contexts.last)
        #expect(context.history == RestartHistory())
        #expect(context.exit.ranFor == .seconds(3) && context.isFailure)
    }

    @Test func theNewestEndComesFirstWithWhatWasAnswered() {
        let driver = running()
        end(driver, .success, after: .milliseconds(1_500))
        end(driver, .exited(code: 9), after: .seconds(2))
        end(driver, after: .seconds(1))
        // Five seconds of backoff after the first, seven by the policy after the second.
        #expect(
            listener.contexts.last?.history
                == RestartHistory(
                    ends: [
                        PastEnd(
                            ago: .seconds(8), outcome: .exited(code: 9), ranFor: .seconds(2), wasFailure: true,
                            wasDelayed: true),
                        PastEnd(
                            ago: .seconds(15), outcome: .exited(code: 0), ranFor: .milliseconds(1_500),
                            wasFailure: false, wasDelayed: false),
                    ],
                    restarts: 2))
    }

    @Test func onlyTheLatestEndsAreRememberedAndTheRestartsAreCountedOn() {
        let driver = running()
        for _ in 0..<200 { end(driver, after: .seconds(1)) }
        let history = listener.contexts.last?.history
        #expect(history?.ends.count == RestartHistory.capacity)
        #expect(history?.ends.map(\.ago) == (1...RestartHistory.capacity).map { .seconds(6 * $0) })
        #expect(history?.restarts == 199)
    }

    @Test(arguments: [ServiceEvent.start(.boot), .restart(.boot), .resetFailed(.reset(uid: 0, pid: 1))])
    func anOrderForgetsThem(order: ServiceEvent) {
        let driver = running()
        for _ in 0..<3 { end(driver) }
        driver.end(.failure)
        #expect(driver.state == .backoff)
        driver.send(order)
        if driver.state == .backoff { driver.runTimer() }
        driver.launch()
        driver.spawned()
        end(driver)
        #expect(listener.contexts.last?.history == RestartHistory())
    }

    @Test func aStartThatTheSystemWasTooShortForIsNoEnd() {
        let driver = running()
        end(driver)
        driver.end(.failure)
        driver.runTimer()
        driver.launch()
        driver.send(.spawnFailed(attempt: driver.attempt, .shortage))
        driver.runTimer()
        driver.launch()
        driver.spawned()
        end(driver)
        #expect(listener.contexts.count == 3)
        #expect(listener.contexts.last?.history.ends.count == 2)
    }

    @Test(
        arguments: [
            ExitOutcome.exited(code: 255), .signaled(.kill, coreDumped: true), .signaled(.term, coreDumped: false),
            .outOfMemory, .spawnFailed(SpawnFailure(stage: .exec, error: ErrorNumber(13), subject: "")),
        ], [nil, ForcedEnd.startTimeout, .unhealthy, .runtimeMax])
    func anEndIsShownAsItWas(outcome: ExitOutcome, forced: ForcedEnd?) {
        for command in [nil, ServiceCommand.startPre, .startPost] {
            var log = EndLog()
            log.note(
                ExitRecord(attempt: 1, pid: 1, outcome: outcome, command: command, forced: forced, ranFor: .zero),
                wasFailure: true, wasDelayed: false, now: MonotonicInstant(nanoseconds: 0))
            #expect(
                log.history(restarts: 1, now: MonotonicInstant(nanoseconds: 0)).ends == [
                    PastEnd(ago: .zero, outcome: outcome, command: command, forced: forced, ranFor: .zero)
                ])
        }
    }

    @Test func ofAFailedStartTheStageAndTheErrorAreKept() {
        var log = EndLog()
        let failure = SpawnFailure(stage: .user, error: ErrorNumber(1), subject: "www-data", hint: "be root")
        log.note(
            ExitRecord(attempt: 1, pid: nil, outcome: .spawnFailed(failure), ranFor: .zero), wasFailure: true,
            wasDelayed: false, now: MonotonicInstant(nanoseconds: 0))
        let kept = SpawnFailure(stage: .user, error: ErrorNumber(1), subject: "")
        #expect(
            log.history(restarts: 1, now: MonotonicInstant(nanoseconds: 0)).ends.map(\.outcome) == [
                .spawnFailed(kept)
            ])
    }

    @Test func aRunOfYearsIsHeldWithinWhatAnEntryCanSay() {
        let driver = running()
        end(driver, after: .seconds(10 * 365 * 86_400))
        end(driver)
        #expect(listener.contexts.last?.history.ends.first?.ranFor == .milliseconds(Int64(UInt32.max)))
    }

    @Test func theyTakeTwoKibibytesAtMostAndNothingBeforeTheFirst() {
        #expect(MemoryLayout<EndLog>.size == MemoryLayout<Int>.size)
        #expect(EndLog().entries.capacity == 0)
        var log = EndLog()
        for second in 0..<1_000 {
            let failure = SpawnFailure(stage: .leftovers, error: ErrorNumber(133), subject: "/bin/web")
            log.note(
                ExitRecord(attempt: 1, pid: nil, outcome: .spawnFailed(failure), ranFor: .seconds(1)),
                wasFailure: true, wasDelayed: false,
                now: MonotonicInstant(nanoseconds: Int64(second) * 1_000_000_000))
        }
        #expect(log.entries.capacity * MemoryLayout<EndLog.Entry>.stride + 32 <= 2_048)
        log.clear()
        #expect(log.entries.capacity == 0)
    }
}
