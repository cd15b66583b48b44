import SupdPlugin

/// When something is to run, as crontab(5) says it: minute, hour, day of the month, month, day of the week.
struct CronExpression: Hashable, Sendable {
    static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    private let minutes: CronSet
    private let hours: CronSet
    private let days: CronSet
    private let months: CronSet
    private let weekdays: CronSet
    /// Where neither field begins with `*`, one of the two is enough.
    private let eitherDay: Bool
    /// Whether it runs in every hour of the day: then it goes by time as it passes, and not by what a clock shows.
    let isHourly: Bool

    /// The expression of a text. Throws where it is none, and where there is no such time in any year.
    init(_ text: String) throws(CronError) {
        let fields = try Self.fields(text)
        var sets: [CronSet] = []
        for (field, text) in zip(CronField.all, fields) { sets.append(try field.values(text)) }
        if sets[4].contains(7) { sets[4].insert(0) }
        (minutes, hours, days, months, weekdays) = (sets[0], sets[1], sets[2], sets[3], sets[4])
        eitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
        isHourly = hours.covers(CronField.hour.range)
        guard first(from: 0) != nil else { throw CronError("'\(text)' never comes: no such day is in any year") }
    }

    private static func fields(_ text: String) throws(CronError) -> [Substring] {
        let text = text.trimmingBlanks
        var line = text
        if text.hasPrefix("@") {
            guard let nickname = nicknames[text.lowercased()] else { throw unknown(nickname: text) }
            line = nickname[...]
        }
        let fields = line.split { $0 == " " || $0 == "\t" }
        guard fields.count == CronField.all.count else {
            let names = CronField.all.map(\.name).joined(separator: ", ")
            throw CronError(
                "must have 5 fields (\(names)), or be a name like '@daily'; "
                    + "found \(fields.count) in '\(text.prefix(80))'")
        }
        return fields
    }

    private static func unknown(nickname: Substring) -> CronError {
        guard nickname.lowercased() != "@reboot" else {
            return CronError("'@reboot' is said by at_start = true, without 'cron'")
        }
        let names = nicknames.keys.sorted()
        let close = closestWord(to: String(nickname), among: names).map { "; did you mean '\($0)'?" } ?? ""
        return CronError("must be one of \(names.joined(separator: ", ")); found '\(nickname.prefix(40))'\(close)")
    }

    // MARK: Matching

    /// The calendar is the same every so many days: 400 years.
    private static let cycle: Int64 = 146_097
    private static let day: Int64 = 86_400

    /// The first time that fits and is not before `time`, both in seconds that a clock without a time zone counts since 1970.
    /// Nil where there is none in 400 years, after which everything comes again.
    func first(from time: Int64) -> Int64? {
        let minute = CivilTime.floor(time + 59, 60)
        var day = CivilTime.floor(minute * 60, Self.day)
        let end = day + Self.cycle
        if let first = firstMinute(from: minute - day * 1440), fits(day: day) { return day * Self.day + first * 60 }
        guard let first = firstMinute(from: 0) else { return nil }
        day += 1
        while day <= end {
            let date = CivilDate(daysSince1970: day)
            guard months.contains(date.month) else {
                day += 1
                // To the first of the next month, a day at a time, without a look at the fields.
                day += max(0, 28 - date.day)
                continue
            }
            if fits(day: day) { return day * Self.day + first * 60 }
            day += 1
        }
        return nil
    }

    /// The first minute of a day that fits, from a minute of it on.
    private func firstMinute(from start: Int64) -> Int64? {
        let (hour, minute) = (start / 60, start % 60)
        if hours.contains(hour), let minute = minutes.first(from: minute) { return hour * 60 + minute }
        guard let hour = hours.first(from: hour + 1), let minute = minutes.first(from: 0) else { return nil }
        return hour * 60 + minute
    }

    private func fits(day: Int64) -> Bool {
        let date = CivilDate(daysSince1970: day)
        guard months.contains(date.month) else { return false }
        // 1970-01-01 was a Thursday.
        let weekday = day + 4 - CivilTime.floor(day + 4, 7) * 7
        let (ofMonth, ofWeek) = (days.contains(date.day), weekdays.contains(weekday))
        return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek
    }

    /// Whether the minute that begins then fits: the rule itself, with no way through the calendar.
    func fits(_ time: Int64) -> Bool {
        let day = CivilTime.floor(time, Self.day)
        let minute = (time - day * Self.day) / 60
        return minutes.contains(minute % 60) && hours.contains(minute / 60) && fits(day: day)
    }
}

extension String {
    fileprivate var trimmingBlanks: Substring {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text.drop(while: \.isWhitespace)
    }
}
