import SupdPlugin

/// Times as a person says them. Those of a clock are in UTC, as in `logs` and `events`.
enum TimeWords {
    /// `14:02:11Z`; of another day than today `2026-11-26 14:02:11Z`.
    static func clock(_ time: WallTime, now: WallTime, milliseconds: Bool = false) -> String {
        let text = time.description
        let day = text.prefix(10)
        let clock = "\(text.dropFirst(11).prefix(milliseconds ? 12 : 8))Z"
        return day == now.description.prefix(10) ? clock : "\(day) \(clock)"
    }

    /// `in 8s`; `now` once that is over.
    static func until(_ time: WallTime, now: WallTime) -> String {
        let left = time.duration(since: now)
        guard left > .zero else { return "now" }
        return left < .seconds(1) ? "in less than a second" : "in \(wholeSeconds(left))"
    }

    /// `1min 5s`: nobody needs the milliseconds of an hour. A clock that was set back gives zero.
    static func wholeSeconds(_ time: Duration) -> String { Duration.seconds(max(0, time.components.seconds)).text }

    /// `5h`, where there is no room for `5h 2min`.
    static func largestUnit(_ time: Duration) -> String { String(wholeSeconds(time).prefix { $0 != " " }) }

    /// `once`, `twice`, `three times`, `12 times`.
    static func times(_ count: Int) -> String {
        let words = ["once", "twice", "three times", "four times", "five times", "six times"]
        return (1...words.count).contains(count) ? words[count - 1] : "\(count) times"
    }
}
