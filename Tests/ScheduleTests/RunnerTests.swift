import SupdPlugin
import SupdTesting
import Synchronization
import Testing

@testable import Schedule

/// The job, with a recorder in place of the daemon and time that passes when it is waited for.
@Suite struct RunnerTests {
    /// Time that is over as soon as somebody waits for it.
    private final class FastTime: Sendable {
        private let passed = Mutex(Duration.zero)
        private let start: Moment

        init() throws { start = try moment("2026-11-22T15:40:30Z", passed: .seconds(1000)) }

        var clock: ScheduleClock {
            ScheduleClock {
                self.start.after(self.passed.withLock { $0 })
            } wait: { duration in
                try Task.checkCancellation()
                self.passed.withLock { $0 += duration }
            } random: {
                0
            }
        }
    }

    private func summary(_ state: ServiceState, _ desired: DesiredState = .up) throws -> ServiceSummary {
        let name = try #require(ServiceName("job"))
        return ServiceSummary(name: InstanceName(service: name, index: nil), state: state, desired: desired)
    }

    private func runner(_ settings: [String: OptionValue], clock: ScheduleClock? = nil) throws -> ScheduleRunner {
        let all = settings.merging(["service": .text("job")]) { $1 }
        return ScheduleRunner(try ScheduleSettings(options([all])), clock: try clock ?? FastTime().clock)
    }

    /// Runs the job until it has done something that fits.
    private func run(
        _ runner: ScheduleRunner, _ recorder: PluginRecorder,
        until fits: @escaping @Sendable (PluginRecorder.Fact) -> Bool
    ) async throws {
        let shutdown = ShutdownNotice()
        let context = recorder.jobContext(shutdown: shutdown)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await runner.run(context) }
            #expect(await recorder.first(within: .seconds(120), where: fits) != nil, "\(recorder.facts)")
            shutdown.give()
            try await group.waitForAll()
        }
    }

    @Test func aServiceIsStartedWhenItsTimeHasCome() async throws {
        let recorder = PluginRecorder(services: [try summary(.stopped, .down)])
        let runner = try runner(["cron": .text("@hourly")])
        try await run(runner, recorder) { $0 == .ordered("start", ["job"]) }
        let last = try #require(runner.timetable.withLock { $0.lines[0].lastStart })
        // Looked at once a minute and at the very time.
        #expect(last.description.hasSuffix(":00:00.000Z"))
    }

    @Test(arguments: [
        ("skip", "schedule 'job': job still runs; this run and those until its end are left out"),
        ("queue", "schedule 'job': the run waits until job has ended"),
        ("kill", "schedule 'job': job still runs and is stopped for the next run"),
    ])
    func aServiceThatStillRunsIsTreatedAsOverlapSays(overlap: String, line: String) async throws {
        let recorder = PluginRecorder(services: [try summary(.starting)])
        let runner = try runner(["at_start": .boolean(true), "overlap": .word(overlap)])
        try await run(runner, recorder) {
            if case .logged(_, let text) = $0 { text == line } else { false }
        }
        let orders = recorder.facts.filter { if case .ordered = $0 { true } else { false } }
        #expect(orders.allSatisfy { overlap == "kill" && $0 == .ordered("restart", ["job"]) }, "\(orders)")
    }

    @Test func aServiceThatIsGoneIsAnErrorInTheLogAndTheJobGoesOn() async throws {
        let recorder = PluginRecorder()
        let runner = try runner(["every": .duration(.seconds(5))])
        let message = "schedule 'job': the service was not started: no service is named 'job'"
        let times = Mutex(0)
        let count: @Sendable () -> Int = {
            times.withLock { times in
                times += 1
                return times
            }
        }
        try await run(runner, recorder) { $0 == .logged(.error, message) && count() > 2 }
    }

    @Test(arguments: [
        (ServiceState.starting, DesiredState.up, true), (.running, .up, true), (.backoff, .up, true),
        (.stopping, .down, true), (.stopped, .up, true), (.stopped, .down, false), (.exited, .up, false),
        (.fatal, .up, false),
    ])
    func aRunIsNotOverWhileItIsRetriedOrWaits(state: ServiceState, desired: DesiredState, isBusy: Bool) throws {
        #expect(try summary(state, desired).isBusy == isBusy)
    }

    @Test func theJobEndsWhenItIsToldAndWhenItIsCancelled() async throws {
        let runner = try runner(["cron": .text("@yearly")], clock: .system)
        let recorder = PluginRecorder(services: [try summary(.stopped, .down)])
        #expect(await PluginChecks.faults(of: runner as any Job, recorder: recorder).isEmpty)
    }

    // MARK: Methods

    private func call(_ runner: ScheduleRunner, _ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        let recorder = PluginRecorder(services: [try summary(.stopped, .down)])
        let found = try #require(runner.methods.first { $0.name == method })
        return try await found.call(params, recorder.context)
    }

    @Test func aRunByOrderIsAnsweredOrRefused() async throws {
        let runner = try runner(["cron": .text("@daily")])
        for (params, message): (JSONValue, String) in [
            ([:], "say which: {\"name\": \"…\"} of a schedule"),
            (["name": 3], "say which: {\"name\": \"…\"} of a schedule"),
            (["name": "jop"], "no schedule is named 'jop'; did you mean 'job'?"),
            (["name": "job"], "supd is shutting down: nothing is run"),
        ] {
            await #expect(throws: ControlMethodError(message)) { try await call(runner, "run", params) }
        }
        runner.isLive.withLock { $0 = true }
        #expect(try await call(runner, "run", ["name": "job"]) == ["name": "job", "outcome": "started"])
    }

    @Test func theListTellsOfEachSchedule() async throws {
        let runner = try runner(["cron": .text("@daily")])
        let recorder = PluginRecorder()
        let idle: JSONValue = [
            "name": "job", "service": "job", "when": "@daily", "next": nil, "last_start": nil, "waiting": false,
            "skipped": 0, "missed": 0,
        ]
        #expect(try await call(runner, "list") == ["schedules": [idle]])
        #expect(recorder.facts.isEmpty)
    }
}
