import SupdPlugin
import TestChance
import Testing

@testable import Schedule

@Suite struct CronExpressionTests {
    /// Seconds since 1970 of a time that a clock shows.
    private func seconds(_ text: String) throws -> Int64 {
        try #require(TimeText.parse(text + ":00Z"), "\(text)").nanoseconds / 1_000_000_000
    }

    private func text(_ seconds: Int64) -> String {
        String(WallTime(nanoseconds: seconds * 1_000_000_000).description.prefix(16))
    }

    /// The first times of an expression in UTC.
    private func times(_ expression: String, after start: String, _ count: Int = 1) throws -> [String] {
        let cron = try CronExpression(expression)
        var time = try seconds(start)
        return try (0..<count).map { _ in
            time = try #require(cron.next(after: time, in: .utc))
            return text(time)
        }
    }

    @Test(arguments: [
        ("* * * * *", ["2026-11-22T15:41", "2026-11-22T15:42"]),
        ("30 3 * * mon-fri", ["2026-11-23T03:30", "2026-11-24T03:30", "2026-11-25T03:30"]),
        ("*/20 15 * * *", ["2026-11-23T15:00", "2026-11-23T15:20", "2026-11-23T15:40", "2026-11-24T15:00"]),
        ("5-15/5,50 16 22 NOV *", ["2026-11-22T16:05", "2026-11-22T16:10", "2026-11-22T16:15", "2026-11-22T16:50"]),
        ("0 0 * * 0", ["2026-11-29T00:00", "2026-12-06T00:00"]),
        ("0 0 * * 7", ["2026-11-29T00:00"]),
        ("0 0 * * fri-sun", ["2026-11-27T00:00", "2026-11-28T00:00", "2026-11-29T00:00", "2026-12-04T00:00"]),
        ("0 0 * * Sun-Tue", ["2026-11-23T00:00", "2026-11-24T00:00", "2026-11-29T00:00"]),
        // Restricted days of month and week: either of the two.
        ("0 12 13 * fri", ["2026-11-27T12:00", "2026-12-04T12:00", "2026-12-11T12:00", "2026-12-13T12:00"]),
        // One that begins with a star does not make it an either.
        ("0 12 */10 * fri", ["2026-12-11T12:00", "2027-01-01T12:00"]),
        ("0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 31 * *", ["2026-12-31T00:00", "2027-01-31T00:00", "2027-03-31T00:00"]),
        ("@hourly", ["2026-11-22T16:00", "2026-11-22T17:00"]),
        ("@daily", ["2026-11-23T00:00"]),
        ("@weekly", ["2026-11-29T00:00"]),
        ("@monthly", ["2026-12-01T00:00"]),
        ("@yearly", ["2027-01-01T00:00", "2028-01-01T00:00"]),
        ("  15\t14 1  * *  ", ["2026-12-01T14:15"]),
    ])
    func theNextTimesAre(expression: String, expected: [String]) throws {
        #expect(try times(expression, after: "2026-11-22T15:40", expected.count) == expected)
    }

    @Test(arguments: [
        ("60 * * * *", "the minute must be of 0 to 59, '*', ranges 'A-B' and steps '*/N'; found '60'"),
        ("* 24 * * *", "the hour must be of 0 to 23, '*', ranges 'A-B' and steps '*/N'; found '24'"),
        ("* * 0 * *", "the day of the month must be of 1 to 31, '*', ranges 'A-B' and steps '*/N'; found '0'"),
        (
            "* * * foo *",
            "the month must be of 1 to 12 or jan to dec, '*', ranges 'A-B' and steps '*/N'; found 'foo'"
        ),
        (
            "* * * * 8",
            "the day of the week must be of 0 to 7 or sun to sat, '*', ranges 'A-B' and steps '*/N'; found '8'"
        ),
        ("1,,2 * * * *", "the minute must be of 0 to 59, '*', ranges 'A-B' and steps '*/N'; found ''"),
        ("+5 * * * *", "the minute must be of 0 to 59, '*', ranges 'A-B' and steps '*/N'; found '+5'"),
        (
            "*/0 * * * *",
            "the minute must be of 0 to 59, '*', ranges 'A-B' and steps '*/N'; found '*/0': a step is a number from 1 to 59"
        ),
        (
            "5/10 * * * *",
            "the minute must be of 0 to 59, '*', ranges 'A-B' and steps '*/N'; found '5/10': a step needs a range "
                + "before it, as in '*/5' or '0-5/5'"
        ),
        (
            "50-10 * * * *",
            "the minute must be of 0 to 59, '*', ranges 'A-B' and steps '*/N'; found '50-10': the range ends before "
                + "it begins; write two, with a comma"
        ),
        (
            "* * *",
            "must have 5 fields (minute, hour, day of the month, month, day of the week), or be a name like '@daily'; "
                + "found 3 in '* * *'"
        ),
        ("0 0 31 2 *", "'0 0 31 2 *' never comes: no such day is in any year"),
        ("0 0 31 4,6,9,11 *", "'0 0 31 4,6,9,11 *' never comes: no such day is in any year"),
        (
            "@dayly",
            "must be one of @annually, @daily, @hourly, @midnight, @monthly, @weekly, @yearly; found '@dayly'; "
                + "did you mean '@daily'?"
        ),
        ("@reboot", "'@reboot' is said by at_start = true, without 'cron'"),
    ])
    func aTextThatIsNoneIsRefused(expression: String, message: String) {
        #expect(throws: CronError(message)) { try CronExpression(expression) }
    }

    @Test func whatNobodyWouldWriteDoesNotTrap() {
        var random = SeededRandom(seed: 7)
        let pieces = ["*", "/", "-", ",", "@", " ", "0", "7", "99999999999999999999", "é", "sun", "\u{0}", "-1"]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            _ = try? CronExpression(text.joined())
        }
    }
}
