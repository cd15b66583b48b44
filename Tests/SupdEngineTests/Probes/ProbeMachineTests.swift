import SupdEngine
import SupdPlugin
import Testing

/// A probe that a test asks and answers by hand.
private final class Driver {
    var machine: ProbeMachine
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)

    init(_ rules: ProbeRules) { machine = ProbeMachine(rules, now: now) }

    /// Goes to the machine's deadline.
    @discardableResult
    func wait() throws -> [ProbeMachine.Action] {
        now = max(now, try #require(machine.deadline))
        return machine.advance(now: now)
    }

    func answer(_ error: String? = nil, after: Duration = .zero) -> [ProbeMachine.Action] {
        now = now.advanced(by: after)
        return machine.answered(error: error, now: now)
    }

    /// How long until the deadline.
    var pause: Duration? { machine.deadline?.duration(since: now) }
}

@Suite struct ProbeMachineTests {
    private let rules = ProbeRules(
        initialDelay: .seconds(5), period: .seconds(10), timeout: .seconds(1), failureThreshold: 3)

    @Test func itIsAskedAfterItsDelayAndThenOnceAPeriod() throws {
        let probe = Driver(rules)
        #expect(probe.pause == .seconds(5))
        #expect(probe.machine.advance(now: probe.now) == [])
        #expect(try probe.wait() == [.ask(until: probe.now.advanced(by: .seconds(1)))])
        #expect(probe.machine.answeredAt == nil)
        #expect(probe.answer(after: .milliseconds(300)) == [.changed(.passed)])
        #expect(probe.machine.answeredAt == probe.now)
        #expect(probe.pause == .milliseconds(9_700))
        #expect(try probe.wait() == [.ask(until: probe.now.advanced(by: .seconds(1)))])
        #expect(probe.answer() == [])
        #expect(probe.machine.verdict == .passed && probe.machine.problem == nil)
    }

    @Test func soManyFailuresInARowMakeItFailedAndOneSuccessTakesThatBack() throws {
        let probe = Driver(rules)
        var said: [[ProbeMachine.Action]] = []
        for error in [nil, "a", "b", nil, "a", "b", "c", "d", nil, "e"] {
            try probe.wait()
            said.append(probe.answer(error))
        }
        #expect(said == [[.changed(.passed)], [], [], [], [], [], [.changed(.failed)], [], [.changed(.passed)], []])
        #expect(probe.machine.problem == "e")
    }

    @Test func failuresFromTheBeginningMakeItFailedToo() throws {
        let probe = Driver(rules)
        for expected: [ProbeMachine.Action] in [[], [], [.changed(.failed)]] {
            try probe.wait()
            #expect(probe.answer("no") == expected)
        }
    }

    @Test func noAnswerInTimeIsCancelledAndCountsOnce() throws {
        let probe = Driver(ProbeRules(period: .seconds(2), failureThreshold: 2))
        for expected: [ProbeMachine.Action] in [[.cancel], [.cancel, .changed(.failed)]] {
            try probe.wait()
            #expect(probe.pause == .seconds(1))
            #expect(try probe.wait() == expected)
            #expect(probe.machine.problem == "no answer within 1s")
            #expect(probe.pause == DrainMachine.grace)
            #expect(probe.answer("CancellationError()", after: .milliseconds(500)) == [])
            #expect(probe.pause == .milliseconds(500))
        }
    }

    @Test func anAnswerThatTookLongerThanThePeriodIsFollowedByAQuestionAtOnce() throws {
        let probe = Driver(ProbeRules(period: .milliseconds(100), timeout: .seconds(5)))
        try probe.wait()
        _ = probe.answer(after: .seconds(1))
        #expect(probe.pause == .zero)
    }

    @Test func oneThatDoesNotEndIsAbandonedAndNoOtherIsAsked() throws {
        let probe = Driver(rules)
        try probe.wait()
        _ = probe.answer()
        try probe.wait()
        #expect(try probe.wait() == [.cancel])
        #expect(try probe.wait() == [.abandon, .changed(.unknown)])
        #expect(probe.pause == nil && probe.machine.verdict == .unknown)
        #expect(probe.machine.problem == "its probe did not end and was abandoned")
        #expect(probe.answer() == [] && probe.machine.verdict == .unknown)
        #expect(probe.machine.end(now: probe.now) == [])
    }

    @Test func itsEndCancelsAQuestionAndGivesItUpAfterItsGrace() throws {
        let resting = Driver(rules)
        #expect(resting.machine.end(now: resting.now) == [] && resting.pause == nil)
        let obedient = Driver(rules)
        try obedient.wait()
        #expect(obedient.machine.end(now: obedient.now) == [.cancel])
        #expect(obedient.machine.end(now: obedient.now) == [])
        #expect(obedient.answer("CancellationError()") == [] && obedient.pause == nil)
        let deaf = Driver(rules)
        try deaf.wait()
        try deaf.wait()
        #expect(deaf.machine.end(now: deaf.now.advanced(by: .seconds(1))) == [])
        #expect(deaf.pause == DrainMachine.grace)
        #expect(try deaf.wait() == [.abandon])
        #expect(deaf.pause == nil)
    }

    @Test func whatItSaysIsHeldShortAndToOneLine() throws {
        let probe = Driver(rules)
        try probe.wait()
        _ = probe.answer("a\n" + String(repeating: "b", count: 10_000))
        let problem = try #require(probe.machine.problem)
        #expect(problem.utf8.count <= 200 && problem.hasPrefix("a?b"))
    }
}
