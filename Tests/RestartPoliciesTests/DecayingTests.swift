import SupdPlugin
import Testing

/// Over a counter of five, which halves in half a minute, it waits a quarter of a minute.
@Suite struct DecayingTests {
    @Test func theSixthFailureAtOnceIsOverTheThreshold() throws {
        var life = try PolicyLife("decaying")
        for _ in 1...5 { #expect(life.end() == .restart) }
        #expect(life.end() == .restartAfter(.seconds(15)))
    }

    @Test func timeHalvesTheCounter() throws {
        var life = try PolicyLife("decaying")
        for _ in 1...5 { #expect(life.end() == .restart) }
        // 5 · ½ + 1 = 3.5, then 4.5, then 5.5.
        #expect(life.end(pause: .seconds(30)) == .restart)
        #expect(life.end() == .restart)
        #expect(life.end() == .restartAfter(.seconds(15)))
    }

    @Test func aCounterAtTheThresholdIsNotOverIt() throws {
        var life = try PolicyLife("decaying", ["threshold": .number(1.5)])
        #expect(life.end() == .restart)
        #expect(life.end(pause: .seconds(30)) == .restart)
        #expect(life.end(pause: .seconds(29)) != .restart)
    }

    @Test func failuresThatAreSpreadOutNeverReachIt() throws {
        // At a steady pause p the counter goes to 1 / (1 − 2^(−p/30)): under 5 for more than 9.66 s.
        var life = try PolicyLife("decaying")
        for _ in 1...1_000 { #expect(life.end(after: .seconds(10)) == .restart) }
        var faster = try PolicyLife("decaying")
        let answers = (1...1_000).map { _ in faster.end(after: .seconds(9)) }
        #expect(answers.contains(.restartAfter(.seconds(15))))
    }

    @Test func overTheThresholdItMayGiveUp() throws {
        var life = try PolicyLife("decaying", ["over": .word("give-up"), "threshold": .number(2)])
        #expect(life.end() == .restart)
        #expect(life.end() == .restart)
        #expect(life.end() == .giveUp(reason: "its failure counter is at 3.0, over 2.0"))
    }

    @Test func successesAreNotCounted() throws {
        var life = try PolicyLife("decaying", ["base": .word("always")])
        for _ in 1...100 { #expect(life.end(.exited(code: 0)) == .restart) }
        for _ in 1...5 { #expect(life.end() == .restart) }
        #expect(life.end() == .restartAfter(.seconds(15)))
    }

    @Test(arguments: ["decay", "backoff"])
    func aTimeOfNothingIsRefused(option: String) {
        let error = #expect(throws: OptionError.self) {
            try PolicyLife.make("decaying", [option: .duration(.zero)])
        }
        #expect(error?.option == option)
    }
}
