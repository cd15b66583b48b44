import SupdPlugin
import Testing

@testable import Schedule

/// One schedule in virtual time.
@Suite struct ScheduleLineTests {
    private let noChance = { 0.0 }

    private func start() throws -> Moment { try moment("2026-11-22T15:40:30Z", passed: .seconds(1000)) }

    private func begun(
        _ settings: [String: OptionValue], record: String? = nil, random: () -> Double = { 0 }
    ) throws -> ScheduleLine {
        var line = try line(settings)
        let time = try record.map { try moment($0).wall }
        let isLeftOut = try line.begin(start(), record: time, random: random)
        #expect(!isLeftOut)
        return line
    }

    /// The seconds after the start at which it runs, looked at every second.
    private func runs(
        _ line: inout ScheduleLine, within duration: Int, random: () -> Double = { 0 }
    ) throws -> [Int] {
        let start = try start()
        return (0...duration).filter { second in
            let now = start.after(.seconds(second))
            guard line.turn(now, random: random) != nil else { return false }
            line.started(now, byOrder: false)
            return true
        }
    }

    // MARK: When

    @Test func anIntervalIsFromStartToStartAndBeginsWithTheDaemon() throws {
        var line = try begun(["every": .duration(.seconds(60))])
        #expect(try runs(&line, within: 200) == [60, 120, 180])
    }

    @Test func atStartARunComesFirstAndTheRuleGoesOnFromThere() throws {
        var interval = try begun(["every": .duration(.seconds(60)), "at_start": .boolean(true)])
        #expect(try runs(&interval, within: 130) == [0, 60, 120])
        var cron = try begun(["cron": .text("* * * * *"), "at_start": .boolean(true)])
        #expect(try runs(&cron, within: 100) == [0, 30, 90])
        var once = try begun(["at_start": .boolean(true)])
        #expect(try runs(&once, within: 1000) == [0])
        #expect(once.next == nil)
    }

    @Test func jitterMakesEachRunLateByChanceAndShiftsNoOther() throws {
        var chances = [0.5, 0.1, 0, 0.9, 0.2].makeIterator()
        let random = { chances.next() ?? 0 }
        var line = try begun(
            ["every": .duration(.seconds(60)), "jitter": .duration(.seconds(20))], random: random)
        #expect(try runs(&line, within: 250, random: random) == [70, 122, 180, 258].filter { $0 <= 250 })
        var cron = try begun(["cron": .text("*/5 * * * *"), "jitter": .duration(.seconds(100))], random: { 0.5 })
        // 15:45 and 15:50, and 50 s more.
        #expect(try runs(&cron, within: 700, random: { 0.5 }) == [320, 620])
    }

    @Test func chanceOutsideItsRangeIsHeldInside() throws {
        for chance in [-1.0, 1, 2, .infinity, .nan] {
            let line = try begun(
                ["cron": .text("@yearly"), "jitter": .duration(.nanoseconds(Int64.max))], random: { chance })
            let delay = try #require(line.next?.delay)
            #expect(delay >= .zero && delay <= .nanoseconds(Int64.max), "\(chance)")
        }
    }

    // MARK: Missed runs

    @Test(arguments: [
        (["cron": OptionValue.text("30 3 * * *")], "2026-11-21T03:30:00Z", true),
        (["cron": .text("30 3 * * *")], "2026-11-22T03:30:00Z", false),
        (["every": .duration(.seconds(600))], "2026-11-22T15:00:00Z", true),
    ])
    func whatWasDueWhileTheDaemonWasDownIsMadeUpForOnce(
        settings: [String: OptionValue], record: String, isMissed: Bool
    ) throws {
        var line = try begun(settings.merging(["missed": .word("run")]) { $1 }, record: record)
        let now = try start()
        #expect(line.turn(now, random: noChance) == (isMissed ? .makeUp : nil))
        #expect(line.missed == (isMissed ? 1 : 0))
        line.started(now, byOrder: false)
        #expect(line.turn(now.after(.seconds(1)), random: noChance) == nil)
        var skipping = try begun(settings, record: record)
        #expect(skipping.turn(now, random: noChance) == nil)
    }

    @Test func theRestOfAnIntervalGoesOnWithTheNextDaemon() throws {
        var line = try begun(
            ["every": .duration(.seconds(600)), "missed": .word("run")], record: "2026-11-22T15:38:30Z")
        #expect(try runs(&line, within: 1200) == [480, 1080])
        // Never seen before: one interval from now. From a clock that was wrong: the same.
        var new = try begun(["every": .duration(.seconds(600)), "missed": .word("run")])
        #expect(try runs(&new, within: 700) == [600])
        var future = try begun(
            ["every": .duration(.seconds(600)), "missed": .word("run")], record: "2039-01-01T00:00:00Z")
        #expect(try runs(&future, within: 700) == [600])
    }

    @Test func whatWasDueWhileTheMachineWasAsleepIsMissed() throws {
        let asleep = try start().after(.seconds(8 * 3600))
        for (settings, next) in [
            (["cron": OptionValue.text("0 18 * * *")], "2026-11-23T18:00:00.000Z"),
            (["every": .duration(.seconds(3600))], "2026-11-23T00:40:30.000Z"),
        ] {
            var skipping = try begun(settings)
            #expect(skipping.turn(asleep, random: noChance) == .leaveOut)
            #expect(skipping.next?.wallTime(asleep).description == next)
            var running = try begun(settings.merging(["missed": .word("run")]) { $1 })
            #expect(running.turn(asleep, random: noChance) == .makeUp)
            #expect(running.missed == 1)
        }
        // A look that is a little late is no miss.
        var late = try begun(["cron": .text("0 18 * * *")])
        let evening = try moment("2026-11-22T18:01:30Z")
        #expect(late.turn(evening, random: noChance) == .run)
    }

    @Test func whatWasDueDuringADrainIsMissedAndAtStartIsOnceADaemon() throws {
        let after = try start().after(.seconds(100))
        var skipping = try begun(["cron": .text("* * * * *")])
        let isLeftOut = skipping.begin(after, record: nil, random: noChance)
        #expect(isLeftOut)
        #expect(skipping.missed == 1)
        #expect(skipping.turn(after, random: noChance) == nil)
        var running = try begun(["cron": .text("* * * * *"), "missed": .word("run")])
        let isOfOtherLeftOut = running.begin(after, record: nil, random: noChance)
        #expect(!isOfOtherLeftOut)
        #expect(running.turn(after, random: noChance) == .makeUp)
        var once = try begun(["at_start": .boolean(true)])
        #expect(try runs(&once, within: 1) == [0])
        let isOnceLeftOut = once.begin(after, record: nil, random: noChance)
        #expect(!isOnceLeftOut)
        #expect(once.turn(after.after(.seconds(9)), random: noChance) == nil)
    }

    // MARK: Clocks that are set

    @Test func aClockThatIsSetBackALittleRunsNothingTwiceAndALotIsBelieved() throws {
        var line = try begun(["cron": .text("0 16 * * *")])
        let ran = try start().after(.seconds(1170))
        #expect(line.turn(ran, random: noChance) == .run)
        let anHour = ran.set(by: .seconds(-3600))
        line.clockMoved(from: ran, to: anHour, random: noChance)
        #expect(line.next?.wallTime(anHour).description == "2026-11-23T16:00:00.000Z")
        let aYear = ran.set(by: .seconds(-365 * 86_400))
        line.clockMoved(from: ran, to: aYear, random: noChance)
        #expect(line.next?.wallTime(aYear).description == "2025-11-23T16:00:00.000Z")
    }

    @Test func whatRunsInEveryHourIsNotSilentWhenTheClockIsSetBack() throws {
        var line = try begun(["cron": .text("*/5 * * * *")])
        let now = try start().after(.seconds(100))
        let earlier = now.set(by: .seconds(-3600))
        line.clockMoved(from: now, to: earlier, random: noChance)
        #expect(line.next?.wallTime(earlier).description == "2026-11-22T14:45:00.000Z")
    }

    @Test func anIntervalDoesNotCareWhatClocksShow() throws {
        var line = try begun(["every": .duration(.seconds(60))])
        let now = try start().after(.seconds(30)).set(by: .seconds(1_000_000))
        line.clockMoved(from: try start(), to: now, random: noChance)
        #expect(line.turn(now, random: noChance) == nil)
        #expect(line.turn(now.after(.seconds(30)), random: noChance) == .run)
    }

    // MARK: Overlap

    @Test func aRunThatOverlapsIsSkippedCountedAndSaidOnce() throws {
        let now = try start()
        var line = try begun(["cron": .text("* * * * *")])
        #expect(line.decide(isBusy: true, now, byOrder: false) == .skip(isFirst: true))
        #expect(line.decide(isBusy: true, now, byOrder: false) == .skip(isFirst: false))
        #expect(line.decide(isBusy: false, now, byOrder: false) == .start)
        line.started(now, byOrder: false)
        #expect(line.decide(isBusy: true, now, byOrder: false) == .skip(isFirst: true))
        #expect(line.skipped == 3)
    }

    @Test func oneRunWaitsAndNoMore() throws {
        let now = try start()
        var line = try begun(["cron": .text("* * * * *"), "overlap": .word("queue")])
        #expect(line.decide(isBusy: true, now, byOrder: false) == .wait)
        #expect(line.isWaiting)
        #expect(line.decide(isBusy: true, now, byOrder: false) == .skip(isFirst: true))
        line.started(now, byOrder: false)
        #expect(!line.isWaiting)
        #expect(line.decide(isBusy: true, now, byOrder: false) == .wait)
        line.drop()
        #expect(!line.isWaiting)
    }

    @Test func theOneThatRunsIsStoppedForTheNext() throws {
        let now = try start()
        var line = try begun(["cron": .text("* * * * *"), "overlap": .word("kill")])
        #expect(line.decide(isBusy: true, now, byOrder: false) == .restart)
        #expect(line.decide(isBusy: false, now, byOrder: false) == .start)
    }

    @Test func whatOverlapLeavesOutIsNotMadeUpForLater() throws {
        let (now, later) = (try start(), try start().after(.seconds(5)))
        for (overlap, byOrder, isOver) in [
            ("skip", false, true), ("skip", true, false), ("queue", false, false),
        ] {
            var line = try begun(["cron": .text("* * * * *"), "overlap": .word(overlap)])
            #expect(line.accounted == now.wall)
            _ = line.decide(isBusy: true, later, byOrder: byOrder)
            _ = line.decide(isBusy: true, later, byOrder: byOrder)
            #expect(line.accounted == (isOver ? later.wall : now.wall), "\(overlap)")
        }
    }
}
