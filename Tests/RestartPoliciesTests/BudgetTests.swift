import SupdPlugin
import Testing

@Suite struct BudgetTests {
    private let over = RestartDecision.giveUp(reason: "more than 3 restarts within 5s")

    @Test func threeRestartsWithinFiveSecondsAreAllowedAndTheFourthIsGivenUp() throws {
        var life = try PolicyLife("budget")
        for _ in 1...3 { #expect(life.end(after: .seconds(1)) == .restart) }
        #expect(life.end(after: .seconds(1)) == over)
    }

    @Test func aRestartThatLiesAPeriodBackStillCountsAndAnOlderOneDoesNot() throws {
        var exact = try PolicyLife("budget")
        for _ in 1...3 { #expect(exact.end() == .restart) }
        #expect(exact.end(pause: .seconds(5)) == over)
        var older = try PolicyLife("budget")
        for _ in 1...3 { #expect(older.end() == .restart) }
        #expect(older.end(pause: .milliseconds(5_001)) == .restart)
    }

    @Test func endsThatAreSpreadOutAreRestartedForEver() throws {
        var life = try PolicyLife("budget")
        for _ in 1...1_000 { #expect(life.end(after: .milliseconds(1_700)) == .restart) }
    }

    @Test func aBudgetOfNothingGivesUpAtTheFirstEnd() throws {
        var life = try PolicyLife("budget", ["restarts": .integer(0)])
        #expect(life.end() == .giveUp(reason: "more than 0 restarts within 5s"))
    }

    @Test func theLargestBudgetIsWhatTheHistoryHolds() throws {
        var life = try PolicyLife(
            "budget", ["restarts": .integer(RestartHistory.capacity), "within": .duration(.seconds(86_400))])
        for _ in 1...RestartHistory.capacity { #expect(life.end(after: .seconds(1)) == .restart) }
        guard case .giveUp = life.end(after: .seconds(1)) else {
            Issue.record("one more than the budget was restarted")
            return
        }
    }

    @Test func whatTheBaseLeavesIsLeftAndCostsNothing() throws {
        var life = try PolicyLife("budget")
        #expect(life.end(.exited(code: 0)) == .stay)
        var always = try PolicyLife("budget", ["base": .word("always")])
        for _ in 1...3 { #expect(always.end(.exited(code: 0)) == .restart) }
        #expect(always.end(.exited(code: 0)) == over, "every restart counts, whatever the end before it")
    }

    @Test func aTimeOfNothingIsRefused() {
        let error = #expect(throws: OptionError.self) {
            try PolicyLife.make("budget", ["within": .duration(.zero)])
        }
        #expect(error == OptionError(option: "within", message: "must be longer than 0; found 0s"))
    }
}
