import SupdPlugin
import Testing

/// Five failures within a minute open it for half a minute; a run of ten seconds on trial closes it.
@Suite struct CircuitBreakerTests {
    private let opens = RestartDecision.restartAfter(.seconds(30))

    private func opened(_ options: [String: OptionValue] = [:]) throws -> PolicyLife {
        var life = try PolicyLife("circuit-breaker", options)
        for _ in 1...4 { #expect(life.end(after: .seconds(1)) == .restart) }
        #expect(life.end(after: .seconds(1)) == opens)
        return life
    }

    @Test func theFifthFailureWithinTheTimeOpensIt() throws {
        _ = try opened()
    }

    @Test func failuresThatAreSpreadOutLeaveItClosed() throws {
        var life = try PolicyLife("circuit-breaker")
        for _ in 1...500 { #expect(life.end(after: .milliseconds(15_001)) == .restart) }
    }

    @Test func aTrialThatFailsOpensItAgainHoweverOften() throws {
        var life = try opened()
        // More often than the history holds.
        for _ in 1...200 { #expect(life.end(after: .milliseconds(9_999)) == opens) }
    }

    @Test func aStableTrialClosesItAndOnlyItsOwnEndCounts() throws {
        var life = try opened()
        #expect(life.end(after: .seconds(10)) == .restart, "the first failure since it was closed")
        for _ in 2...4 { #expect(life.end(after: .seconds(1)) == .restart) }
        #expect(life.end(after: .seconds(1)) == opens, "the fifth")
    }

    @Test func aTrialThatEndsWithSuccessClosesIt() throws {
        var life = try opened(["base": .word("always")])
        #expect(life.end(.exited(code: 0), after: .seconds(1)) == .restart)
        for _ in 1...4 { #expect(life.end(after: .seconds(1)) == .restart) }
        #expect(life.end(after: .seconds(1)) == opens)
    }

    @Test func successesAreNotCounted() throws {
        var life = try PolicyLife("circuit-breaker", ["base": .word("always")])
        for _ in 1...300 { #expect(life.end(.exited(code: 0)) == .restart) }
        var left = try PolicyLife("circuit-breaker")
        #expect(left.end(.exited(code: 0)) == .stay)
    }

    @Test func oneFailureMayOpenIt() throws {
        var life = try PolicyLife("circuit-breaker", ["failures": .integer(1), "stable": .duration(.zero)])
        for _ in 1...10 { #expect(life.end() == opens) }
    }

    @Test(arguments: ["within", "open"])
    func aTimeOfNothingIsRefused(option: String) {
        let error = #expect(throws: OptionError.self) {
            try PolicyLife.make("circuit-breaker", [option: .duration(.zero)])
        }
        #expect(error?.option == option)
    }

    @Test func toBeOpenForLongerThanTheCoreWaitsIsRefused() {
        let error = #expect(throws: OptionError.self) {
            try PolicyLife.make("circuit-breaker", ["open": .duration(.seconds(86_401))])
        }
        #expect(
            error?.message == "must not be longer than 1d, the longest that any restart waits; found 1d 0s"
                || error?.message.hasPrefix("must not be longer than 1d") == true)
    }
}
