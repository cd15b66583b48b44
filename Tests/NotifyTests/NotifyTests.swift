import HTTPCalls
import PluginFakes
import SupdPlugin
import Testing

@testable import Notify

@Suite struct NotifyTests {
    private let success = ProcessOutcome(ending: .exited(code: 0))
    private let time = FakeTime()

    private func options(_ changes: [String: OptionValue] = [:]) -> PluginOptions {
        var values: [String: OptionValue] = ["command": .texts(["page"])]
        for option in Notify().options where values[option.name] == nil { values[option.name] = option.standard }
        return PluginOptions(values.merging(changes) { $1 })
    }

    private func sink(
        _ changes: [String: OptionValue] = [:], network: FakeNetwork? = nil,
        wait: (@Sendable (Duration) async throws -> Void)? = nil
    ) throws -> any EventSink {
        let time = time
        let clock = NotifyClock {
            time.now
        } wait: { duration in
            if let wait { return try await wait(duration) }
            // The time that the program has is a day for these tests; only the delays pass.
            if duration == .seconds(10) {
                try await never()
            } else {
                try await time.wait(duration)
            }
        }
        var activation = PluginActivation()
        try activation.activate(Notify(clock: clock, caller: network?.caller), options: options(changes))
        return try #require(activation.eventSinks.first).value
    }

    private func fatal(_ number: UInt64 = 1) throws -> DaemonEvent {
        let name = try #require(ServiceName("web"))
        let exit = ExitRecord(attempt: 5, pid: 9, outcome: .exited(code: 3), ranFor: .seconds(1))
        let summary = ServiceSummary(
            name: InstanceName(service: name, index: nil), state: .fatal, desired: .up, restarts: 4, lastExit: exit,
            reason: "5 starts in 10s")
        return event(.service(summary, from: .backoff), number)
    }

    private func event(_ kind: DaemonEvent.Kind, _ number: UInt64 = 1) -> DaemonEvent {
        DaemonEvent(number: number, time: WallTime(nanoseconds: 0), kind: kind)
    }

    @Test func nothingRunsWithoutACommand() throws {
        var activation = PluginActivation()
        try activation.activate(Notify(), options: options(["command": .texts([])]))
        #expect(activation.eventSinks.isEmpty)
        #expect(Notify().options.allSatisfy { $0.standard != nil })
    }

    @Test func optionsThatMeanNothingAreRefused() throws {
        #expect(throws: OptionError(option: "on", message: "must be of 'fatal', 'drain' and 'health'; found 'wealth'"))
        {
            try Notify().validate(options(["on": .texts(["fatal", "wealth"])]))
        }
        #expect(throws: OptionError.self) { try Notify().validate(options(["timeout": .duration(.zero)])) }
        try Notify().validate(options())
    }

    @Test func theProgramIsToldWhatHasHappened() async throws {
        let runner = FakeRunner { [success] _ in success }
        try await sink().receive(fatal(7), pluginContext(processes: runner))
        #expect(runner.commands.map(\.words) == [["page"]])
        #expect(
            runner.commands.first?.environment == [
                "SUPD_EVENT": "fatal", "SUPD_TEXT": "web is given up: 5 starts in 10s", "SUPD_EVENT_NUMBER": "7",
                "SUPD_TIME": "1970-01-01T00:00:00.000Z", "SUPD_SUPPRESSED": "0", "SUPD_SERVICE": "web",
                "SUPD_INSTANCE": "web",
                "SUPD_STATE": "FATAL", "SUPD_RESTARTS": "4", "SUPD_LAST_EXIT": "exit code 3",
            ])
    }

    @Test func onlyTheTopicsThatAreWantedAreTold() async throws {
        let drain: [DaemonEvent.Kind] = [
            .drainBegan(cause: "SIGTERM"), .drainEnded(summary: "clean"), .resumed, .ready, .drainPhase("jobs"),
        ]
        func health(_ before: ServiceHealth, _ after: ServiceHealth) throws -> DaemonEvent {
            let name = InstanceName(service: try #require(ServiceName("web")), index: nil)
            let summary = ServiceSummary(name: name, state: .running, desired: .up, health: after, reason: "no route")
            return event(.health(summary, from: before))
        }
        let healths = try [
            health(.unknown, .healthy), health(.healthy, .unhealthy), health(.unhealthy, .unknown),
            health(.unhealthy, .healthy), health(.unknown, .unhealthy),
        ]
        for (topics, expected) in [
            (["health"], ["unhealthy", "healthy", "unhealthy"]), (["fatal"], ["fatal"]),
            (["drain"], ["drain-began", "drain-ended", "resumed"]), ([], []),
        ] {
            let runner = FakeRunner { [success] _ in success }
            let sink = try sink(["on": .texts(topics)])
            for event in try [fatal()] + drain.map({ event($0) }) + healths {
                try await sink.receive(event, pluginContext(processes: runner))
            }
            #expect(runner.commands.compactMap { $0.environment["SUPD_EVENT"] } == expected)
        }
    }

    @Test func aFloodIsCutOffSaidOnceAndCounted() async throws {
        let runner = FakeRunner { [success] _ in success }
        let log = LogLines()
        let sink = try sink(["burst": .integer(2)])
        let context = pluginContext(processes: runner, log: log)
        for number in 1...5 { try await sink.receive(fatal(UInt64(number)), context) }
        #expect(runner.commands.count == 2)
        #expect(log.all == ["warning: over 2 events in 1min: 'fatal' and what follows is not told"])
        time.advance(.seconds(60))
        try await sink.receive(fatal(6), context)
        #expect(runner.commands.last?.environment["SUPD_SUPPRESSED"] == "3")
    }

    @Test func aFailureIsTriedAgainAndTheLastOneIsThrown() async throws {
        let failed = ProcessOutcome(ending: .exited(code: 1), errorOutput: "no route\n")
        let context = { (runner: FakeRunner) in pluginContext(processes: runner) }
        let mending = FakeRunner { [success] in $0 < 3 ? failed : success }
        let sink = try sink(["retries": .integer(2), "retry_delay": .duration(.seconds(3))])
        try await sink.receive(fatal(), context(mending))
        #expect(mending.commands.count == 3)
        #expect(time.waited == [.seconds(3), .seconds(3)])
        let broken = FakeRunner { _ in failed }
        await #expect(throws: NotifyFailure("'fatal' was not told: page: exit code 1: no route")) {
            try await sink.receive(fatal(), context(broken))
        }
        #expect(broken.commands.count == 3)
    }

    @Test func aProgramThatHangsIsCancelledWhenItsTimeIsOver() async throws {
        let hanging = FakeRunner { _ in
            try await never()
            throw CancellationError()
        }
        // Its time is over at once.
        let sink = try sink(["retries": .integer(0)], wait: { _ in })
        await #expect(throws: NotifyFailure("'fatal' was not told: page has not ended after 10s")) {
            try await sink.receive(fatal(), pluginContext(processes: hanging))
        }
    }

    // MARK: webhook

    private let webhook: [String: OptionValue] = [
        "command": .texts([]), "webhook": .text("https://hooks/x?key=k"),
        "headers": .texts(["Authorization: Bearer k"]),
    ]

    private func answer(_ status: Int) -> HTTPAnswer { HTTPAnswer(status: status, reason: "Status") }

    @Test func aWebhookIsPostedTheFactsAsJSON() async throws {
        let network = FakeNetwork { [self] _ in answer(204) }
        try await sink(webhook, network: network).receive(fatal(7), pluginContext())
        let request = try #require(network.requests.first)
        #expect("\(request)" == "POST https://hooks/x" && request.url.text == "https://hooks/x?key=k")
        #expect(
            request.headers == [
                HTTPHeader(name: "Authorization", value: "Bearer k"),
                HTTPHeader(name: "Content-Type", value: "application/json"),
            ])
        let body = try JSONValue(parsing: request.body, limits: .document)
        #expect(
            body == [
                "event": "fatal", "text": "web is given up: 5 starts in 10s", "time": "1970-01-01T00:00:00.000Z",
                "event_number": 7, "suppressed": 0, "service": "web", "instance": "web",
                "state": "FATAL", "restarts": 4,
                "last_exit": "exit code 3",
            ])
    }

    @Test func theWebhooksOwnContentTypeStands() async throws {
        let network = FakeNetwork { [self] _ in answer(200) }
        let changes = webhook.merging(["headers": .texts(["content-type: text/json"])]) { $1 }
        try await sink(changes, network: network).receive(fatal(), pluginContext())
        #expect(network.requests.first?.headers == [HTTPHeader(name: "content-type", value: "text/json")])
    }

    @Test func aWebhookThatFailsIsCalledAgainAndTheLastFailureIsThrown() async throws {
        let mending = FakeNetwork { [self] number in
            if number == 1 { throw HTTPCallFailure("refused") }
            return answer(number == 2 ? 500 : 200)
        }
        let sink = try sink(webhook, network: mending)
        try await sink.receive(fatal(), pluginContext())
        #expect(mending.requests.count == 3)
        #expect(time.waited == [.seconds(2), .seconds(2)])
        for (network, said) in [
            (FakeNetwork { [self] _ in answer(403) }, "expected 2xx, found 403 Status"),
            (FakeNetwork { _ in throw HTTPCallFailure("refused") }, "refused"),
        ] {
            let broken = try self.sink(webhook, network: network)
            await #expect(throws: NotifyFailure("'fatal' was not told: POST https://hooks/x: \(said)")) {
                try await broken.receive(fatal(), pluginContext())
            }
            #expect(network.requests.count == 3)
        }
    }

    @Test func commandAndWebhookAreTwoSinks() throws {
        var activation = PluginActivation()
        let network = FakeNetwork { [self] _ in answer(200) }
        try activation.activate(
            Notify(clock: .monotonic, caller: network.caller), options: options(["webhook": .text("http://hooks/")]))
        #expect(activation.eventSinks.map(\.name) == ["command", "webhook"])
    }

    @Test func aWebhookThatCannotBeCalledIsRefused() {
        let plugin = Notify(clock: .monotonic, caller: nil)
        #expect(throws: OptionError(option: "webhook", message: HTTPCaller.absence)) {
            try plugin.validate(options(["webhook": .text("http://hooks/")]))
        }
        #expect(throws: OptionError(option: "headers", message: "are those of a 'webhook', and there is none")) {
            try plugin.validate(options(["headers": .texts(["a: b"])]))
        }
        #expect(throws: OptionError.self) { try plugin.validate(options(["webhook": .text("hooks")])) }
    }

    @Test func aDrainThatIsOutOfTimeEndsTheRetries() async throws {
        let runner = FakeRunner { _ in throw CancellationError() }
        let sink = try sink()
        await #expect(throws: NotifyFailure("'fatal' was not told: there was no time left")) {
            try await sink.receive(fatal(), pluginContext(processes: runner))
        }
        #expect(runner.commands.count == 1)
    }
}

/// Returns, by throwing, when the task is cancelled, and not before.
private func never() async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    defer { continuation.finish() }
    for await _ in stream {}
    throw CancellationError()
}
