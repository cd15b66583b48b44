import SupdEngine
import SupdPlugin
import Testing

@Suite struct HookSequenceTests {
    private func at(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1_000_000_000))
    }

    @Test func hooksRunOneAfterTheOtherAndAFailureStopsNothing() {
        var sequence = HookSequence(budgets: [.seconds(5), .seconds(1), .seconds(2)])
        #expect(sequence.begin(now: at(0)) == [.run(hook: 0, until: at(5))])
        #expect(sequence.ended(hook: 0, error: nil, now: at(1)) == [.run(hook: 1, until: at(2))])
        #expect(sequence.ended(hook: 1, error: "no route", now: at(1.5)) == [.run(hook: 2, until: at(3.5))])
        #expect(sequence.ended(hook: 2, error: nil, now: at(2)) == [.finished])
        #expect(sequence.outcomes == [.completed, .failed("no route"), .completed])
        #expect(sequence.deadline == nil && sequence.isFinished)
    }

    @Test func aHookOverItsBudgetIsCancelledAndThenAbandonedAndTheNextHasItsTurn() {
        var sequence = HookSequence(budgets: [.seconds(5), .seconds(1)])
        _ = sequence.begin(now: at(0))
        #expect(sequence.advance(now: at(4.9)).isEmpty)
        #expect(sequence.advance(now: at(5)) == [.cancel(hook: 0, isOverdue: true)])
        #expect(sequence.deadline == at(8))
        #expect(sequence.advance(now: at(8)) == [.abandon(hook: 0), .run(hook: 1, until: at(9))])
        // What was given up ends late: nobody is there any more to hear of it.
        #expect(sequence.ended(hook: 0, error: nil, now: at(8.5)).isEmpty)
        #expect(sequence.ended(hook: 1, error: nil, now: at(8.6)) == [.finished])
        #expect(sequence.outcomes == [.abandoned, .completed])
    }

    @Test func aHookThatEndsWithinItsGraceWasCancelled() {
        var sequence = HookSequence(budgets: [.seconds(1)])
        _ = sequence.begin(now: at(0))
        _ = sequence.advance(now: at(1))
        #expect(sequence.ended(hook: 0, error: "CancellationError()", now: at(2)) == [.finished])
        #expect(sequence.outcomes == [.cancelled])
    }

    @Test func whenTheirTimeIsOverTheOneThatRunsIsToldAndTheOthersAreLeftOut() {
        var sequence = HookSequence(budgets: [.seconds(5), .seconds(5), .seconds(5)])
        _ = sequence.begin(now: at(0))
        #expect(sequence.cancelAll(now: at(1)) == [.cancel(hook: 0, isOverdue: false)])
        #expect(sequence.cancelAll(now: at(1)).isEmpty)
        #expect(
            sequence.ended(hook: 0, error: nil, now: at(2)) == [.skip(hook: 1), .skip(hook: 2), .finished])
        #expect(sequence.outcomes == [.cancelled, .skipped, .skipped])
    }

    @Test func whatHasNotBegunIsLeftOutAndNeverBegins() {
        var sequence = HookSequence(budgets: [.seconds(5)])
        #expect(sequence.cancelAll(now: at(1)) == [.skip(hook: 0), .finished])
        #expect(sequence.begin(now: at(2)).isEmpty)
    }

    @Test func givingUpNamesTheOneThatRunsAndLeavesOutTheRest() {
        var sequence = HookSequence(budgets: [.seconds(5), .seconds(5)])
        _ = sequence.begin(now: at(0))
        #expect(sequence.giveUp() == [.abandon(hook: 0), .skip(hook: 1), .finished])
        #expect(sequence.giveUp().isEmpty)
        #expect(sequence.advance(now: at(100)).isEmpty)
    }

    @Test func noHooksAreOverAtOnce() {
        var sequence = HookSequence(budgets: [])
        #expect(sequence.begin(now: at(0)) == [.finished])
    }
}
