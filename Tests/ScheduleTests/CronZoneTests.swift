import SupdPlugin
import TestChance
import Testing

@testable import Schedule

/// Clocks that are put forward and back.
@Suite struct CronZoneTests {
    private static let hour: Int64 = 3600

    /// Central European time of 2026: from 29 March, 01:00 UTC, to 25 October, 01:00 UTC, two hours ahead, else one.
    private static let berlin = CivilTime { instant in
        (1_774_746_000..<1_792_890_000).contains(instant) ? 2 * hour : hour
    }

    /// The first times after one, both in UTC.
    private func times(_ expression: String, after start: String, _ count: Int) throws -> [String] {
        let cron = try CronExpression(expression)
        var time = try #require(TimeText.parse(start + ":00Z")).nanoseconds / 1_000_000_000
        return try (0..<count).map { _ in
            time = try #require(cron.next(after: time, in: Self.berlin))
            return String(WallTime(nanoseconds: time * 1_000_000_000).description.prefix(16))
        }
    }

    @Test func aTimeThatIsSkippedComesOnceWhenTheClocksArePutForward() throws {
        let expected = ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]
        #expect(try times("30 2 * * *", after: "2026-03-27T12:00", 3) == expected)
        // Four of them are one.
        let quarters = ["2026-03-28T01:45", "2026-03-29T01:00", "2026-03-30T00:00"]
        #expect(try times("*/15 2 * * *", after: "2026-03-28T01:30", 3) == quarters)
        // What is due at that time anyway is not run a second time.
        let both = ["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"]
        #expect(try times("0,30 2,3 * * *", after: "2026-03-29T00:59", 3) == both)
    }

    @Test func aTimeThatComesTwiceCountsOnce() throws {
        let expected = ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"]
        #expect(try times("30 2 * * *", after: "2026-10-23T12:00", 3) == expected)
    }

    @Test func whatRunsInEveryHourGoesByTimeAsItPasses() throws {
        let forward = ["2026-03-28T23:30", "2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T02:30"]
        #expect(try times("30 * * * *", after: "2026-03-28T23:00", 4) == forward)
        let back = ["2026-10-24T23:30", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"]
        #expect(try times("30 * * * *", after: "2026-10-24T23:00", 4) == back)
    }

    // MARK: Against a walk, minute by minute

    /// A zone whose clocks change at an instant.
    private struct Zone {
        let change: Int64
        let before: Int64
        let after: Int64

        var civil: CivilTime {
            let (change, before, after) = (change, before, after)
            return CivilTime { $0 < change ? before : after }
        }
    }

    /// The times of an expression, found by looking at every minute, by what the documentation says.
    private func walk(_ cron: CronExpression, from start: Int64, to end: Int64, in zone: CivilTime) -> [Int64] {
        var found: [Int64] = []
        var latest = start + zone.offset(start)
        for instant in stride(from: start + 60, through: end, by: 60) {
            let shown = instant + zone.offset(instant)
            if cron.isHourly {
                if cron.fits(shown) { found.append(instant) }
                continue
            }
            // A minute that was shown before is over; those between this one and the latest are skipped.
            let isNew = shown > latest
            let isDue = isNew && stride(from: latest + 60, through: shown, by: 60).contains { cron.fits($0) }
            if isDue { found.append(instant) }
            latest = max(latest, shown)
        }
        return found
    }

    private func randomField(_ field: CronField, _ random: inout SeededRandom) -> String {
        func number() -> Int { Int.random(in: field.range, using: &random) }
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: return "*"
        case 2: return "*/\(Int.random(in: 1...field.range.upperBound, using: &random))"
        case 3: return "\(number()),\(number())"
        case 4:
            let (one, other) = (number(), number())
            return "\(min(one, other))-\(max(one, other))/\(Int.random(in: 1...3, using: &random))"
        default: return "\(number())"
        }
    }

    @Test func everyTimeIsTheOneThatAWalkFinds() throws {
        var random = SeededRandom(seed: 20_261_122)
        var found = 0
        for _ in 0..<400 {
            // A month that has the middle of it in a change of up to three hours, to the quarter of an hour.
            let change = Int64.random(in: 900_000...1_900_000, using: &random) * 900
            let before = Int64.random(in: -48...56, using: &random) * 900
            let step = Int64.random(in: -12...12, using: &random) * 900
            let zone = Zone(change: change, before: before, after: before + step).civil
            let text = CronField.all.map { randomField($0, &random) }.joined(separator: " ")
            guard let cron = try? CronExpression(text) else { continue }
            let (start, end) = (change - 5 * 86_400, change + 5 * 86_400)
            let expected = walk(cron, from: start, to: end, in: zone)
            var times: [Int64] = []
            var time = start
            while let next = cron.next(after: time, in: zone), next <= end {
                times.append(next)
                time = next
            }
            found += times.count
            #expect(times == expected, "\(text), clocks change at \(change) from \(before) by \(step)")
            if times != expected { return }
        }
        #expect(found > 10_000)
    }

    /// From any instant, also in the middle of a minute: nothing lies between it and the next time.
    @Test func theNextTimeIsTheFirstOfTheWalkFromAnyInstant() throws {
        var random = SeededRandom(seed: 4)
        for text in ["30 2 * * *", "*/7 * * * *", "0 1-3 * * *", "15 * 29 3 *", "*/15 2 * * sun"] {
            let cron = try CronExpression(text)
            let (start, end): (Int64, Int64) = (1_774_569_600, 1_774_569_600 + 6 * 86_400)
            let all = walk(cron, from: start, to: end, in: Self.berlin)
            for _ in 0..<200 {
                let instant = Int64.random(in: start..<end - 86_400 * 2, using: &random)
                let expected = all.first { $0 > instant }
                guard let expected else { continue }
                #expect(cron.next(after: instant, in: Self.berlin) == expected, "\(text) after \(instant)")
            }
        }
    }

    @Test func theLocalZoneIsThatOfTheDaemon() {
        // Whatever it is here, no zone is further than 14 hours from UTC, and all go by quarters of an hour by now.
        let offset = CivilTime.local.offset(1_795_000_000)
        #expect(abs(offset) <= 14 * Self.hour && offset % 900 == 0)
    }
}
