import SupdPlugin
import Testing

@testable import Schedule

@Suite struct TimetableTests {
    private func table(_ schedules: [[String: OptionValue]]) throws -> Timetable {
        Timetable(try ScheduleSettings(options(schedules)).entries, zone: .utc)
    }

    @Test func itSleepsUntilTheNextRunAndWithCronNoLongerThanAMinute() throws {
        let now = try moment("2026-11-22T15:40:30Z")
        let hourly: [String: OptionValue] = ["service": .text("a"), "every": .duration(.seconds(3600))]
        let daily: [String: OptionValue] = ["service": .text("b"), "cron": .text("@daily")]
        for (schedules, rest) in [
            ([hourly], Duration.seconds(3600)), ([hourly, daily], Timetable.longestCronSleep),
        ] {
            var table = try table(schedules)
            #expect(table.begin(now, records: RunRecords(), random: { 0 }).isEmpty)
            #expect(table.rest(now) == rest)
        }
        var once = try table([["service": .text("c"), "at_start": .boolean(true)]])
        _ = once.begin(now, records: RunRecords(), random: { 0 })
        #expect(once.rest(now) == .zero)
        #expect(once.due(now, random: { 0 }) == [.init(place: 0, turn: .run)])
        #expect(once.rest(now) == nil)
    }

    @Test func aClockThatWasSetIsNoticedAtTheNextLook() throws {
        let now = try moment("2026-11-22T15:40:30Z")
        var table = try table([["service": .text("a"), "cron": .text("0 16 * * *")]])
        _ = table.begin(now, records: RunRecords(), random: { 0 })
        let back = now.after(.seconds(60)).set(by: .seconds(-100 * 86_400))
        #expect(table.due(back, random: { 0 }).isEmpty)
        #expect(table.lines[0].next?.wallTime(back).description == "2026-08-14T16:00:00.000Z")
    }

    @Test func onlyWhatMakesUpForMissedRunsIsKept() throws {
        let now = try moment("2026-11-22T15:40:30Z")
        var table = try table([
            ["service": .text("a"), "cron": .text("@daily"), "missed": .word("run")],
            ["service": .text("b"), "cron": .text("@daily")],
        ])
        var records = RunRecords()
        records.times = ["a": try moment("2026-11-22T01:00:00Z").wall, "gone": now.wall]
        _ = table.begin(now, records: records, random: { 0 })
        #expect(table.records.times == ["a": try moment("2026-11-22T01:00:00Z").wall])
        table.started(0, now, byOrder: true)
        #expect(table.records.times != ["a": now.wall])
        table.started(0, now)
        #expect(table.records.times == ["a": now.wall])
    }
}
