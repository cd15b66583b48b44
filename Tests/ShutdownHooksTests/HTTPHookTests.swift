import HTTPCalls
import PluginFakes
import SupdPlugin
import Testing

@Suite struct HTTPHookTests {
    private let call: [String: OptionValue] = [
        "url": .text("http://lb/drain?key=k"), "headers": .texts(["X-Pool: web"]), "body": .text("{}"),
    ]
    private let poll: [String: OptionValue] = [
        "url": .text("http://lb/drain"), "until_url": .text("http://lb/sessions"), "until_status": .texts(["204"]),
    ]

    private func answer(_ status: Int, _ body: String = "") -> HTTPAnswer {
        HTTPAnswer(status: status, reason: "Status", body: Array(body.utf8))
    }

    @Test func theEndpointIsCalledAsItIsWritten() async throws {
        let network = FakeNetwork { [self] _ in answer(202) }
        try await makeHook("http", call, caller: network.caller).run(hookContext())
        let request = try #require(network.requests.first)
        #expect(network.requests.count == 1)
        #expect(request.method == "POST" && request.url.text == "http://lb/drain?key=k")
        #expect(request.headers == [HTTPHeader(name: "X-Pool", value: "web")] && request.body == Array("{}".utf8))
    }

    @Test func aWrongStatusIsAFailureAtOnce() async throws {
        let network = FakeNetwork { [self] _ in answer(500, "no such pool\n") }
        let hook = try makeHook("http", call, caller: network.caller)
        let said = await failure { try await hook.run(hookContext()) }
        #expect(said == "POST http://lb/drain: expected 2xx, found 500 Status: no such pool")
        #expect(network.requests.count == 1)
    }

    @Test func withoutAnAnswerTheCallIsMadeAgainSoOften() async throws {
        let time = FakeTime()
        let network = FakeNetwork { [self] number in
            if number < 3 { throw HTTPCallFailure("refused") }
            return answer(200)
        }
        try await makeHook("http", call, time: time, caller: network.caller).run(hookContext())
        #expect(time.waited == [.seconds(1), .seconds(1)])
        let silent = FakeNetwork { _ in throw HTTPCallFailure("refused") }
        let hook = try makeHook(
            "http", call.merging(["retries": .integer(4)]) { $1 }, caller: silent.caller)
        #expect(await failure { try await hook.run(hookContext()) } == "POST http://lb/drain: refused")
        #expect(silent.requests.count == 5)
    }

    @Test func theSecondURLIsAskedUntilItIsDone() async throws {
        let time = FakeTime()
        let log = LogLines()
        let network = FakeNetwork { [self] number in
            switch number {
            case 3: throw HTTPCallFailure("refused")
            case 5: answer(204)
            default: answer(200, "7 sessions")
            }
        }
        let changes: [String: OptionValue] = [
            "interval": .duration(.seconds(3)), "retries": .integer(0), "headers": .texts(["X-Key: k"]),
            "body": .text("x"),
        ]
        let hook = try makeHook("http", poll.merging(changes) { $1 }, time: time, caller: network.caller)
        try await hook.run(hookContext(log: log))
        let asked = network.requests
        #expect(
            asked.map { "\($0)" } == ["POST http://lb/drain"] + Array(repeating: "GET http://lb/sessions", count: 4))
        #expect(asked.allSatisfy { $0.headers == [HTTPHeader(name: "X-Key", value: "k")] })
        #expect(asked.dropFirst().allSatisfy { $0.body.isEmpty })
        #expect(time.waited == Array(repeating: .seconds(3), count: 3))
        let busy = "debug: GET http://lb/sessions: expected 204, found 200 Status: 7 sessions"
        #expect(log.all == [busy, "debug: GET http://lb/sessions: refused", busy])
    }

    @Test func aHookThatIsCancelledSaysWhatItLastHeard() async throws {
        let waiting = FakeTime { if $0 == 2 { throw CancellationError() } }
        let busy = FakeNetwork { [self] _ in answer(200) }
        let hook = try makeHook("http", poll, time: waiting, caller: busy.caller)
        #expect(
            await failure { try await hook.run(hookContext()) }
                == "GET http://lb/sessions: expected 204, found 200 Status; there was no more time")
        let silent = FakeNetwork { _ in throw CancellationError() }
        let other = try makeHook("http", call, caller: silent.caller)
        #expect(
            await failure { try await other.run(hookContext()) }
                == "POST http://lb/drain: no answer yet; there was no more time")
    }

    @Test func optionsThatMeanNothingAreRefused() throws {
        let caller = FakeNetwork { [self] _ in answer(200) }.caller
        for (changes, said) in [
            (["url": .text("lb")], "url: must start with"), (["until_url": .text("lb")], "until_url: must start"),
            (["method": .text("post")], "method: must be"), (["headers": .texts(["x"])], "headers: must be"),
            (["expect": .texts(["ok"])], "expect: must be"), (["until_status": .texts([])], "until_status: must name"),
            (["timeout": .duration(.zero)], "timeout: must be longer than 0"),
            (["interval": .duration(.zero)], "interval: must be at least 10ms; found 0s"),
        ] as [([String: OptionValue], String)] {
            let refusal = try refusal("http", call.merging(changes) { $1 }, caller: caller)
            #expect(refusal?.hasPrefix(said) == true, "\(refusal ?? "taken")")
        }
    }

    @Test func withoutAClientItSaysHowToGetOne() throws {
        #expect(
            try refusal("http", call)
                == "url: needs HTTP, which this supd is built without; build one that has it: "
                + "contrib/build --traits HTTP")
    }
}
