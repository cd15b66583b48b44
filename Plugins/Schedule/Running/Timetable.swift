import SupdPlugin

/// All schedules of a daemon: a pure machine.
struct Timetable: Sendable {
    /// No sleep is longer while `cron` counts: nothing tells a plugin that the clock was set.
    static let longestCronSleep: Duration = .seconds(60)

    /// A run whose time has come.
    struct Due: Hashable {
        let place: Int
        let turn: ScheduleLine.Turn
    }

    private(set) var lines: [ScheduleLine]
    private var lastLook: Moment?
    /// Whether what an earlier daemon has left is known.
    private(set) var hasBegun = false

    init(_ entries: [ScheduleEntry], zone: CivilTime) {
        lines = entries.map { ScheduleLine($0, zone: zone) }
    }

    /// Begins, or goes on; answers the places of what was due meanwhile and is left out.
    mutating func begin(_ now: Moment, records: RunRecords, random: () -> Double) -> [Int] {
        hasBegun = true
        lastLook = now
        return lines.indices.filter { place in
            lines[place].begin(now, record: records.times[lines[place].entry.name], random: random)
        }
    }

    /// What is due, in the order of the file.
    mutating func due(_ now: Moment, random: () -> Double) -> [Due] {
        if let earlier = lastLook {
            for place in lines.indices { lines[place].clockMoved(from: earlier, to: now, random: random) }
        }
        lastLook = now
        return lines.indices.compactMap { place in
            lines[place].turn(now, random: random).map { Due(place: place, turn: $0) }
        }
    }

    /// How long nothing is due; nil where nothing ever is.
    func rest(_ now: Moment) -> Duration? {
        let times = lines.compactMap(\.next)
        guard let first = times.map({ $0.remaining(now) }).min() else { return nil }
        let goesByTheClock = times.contains { if case .wall = $0.rule { true } else { false } }
        return max(.zero, goesByTheClock ? min(first, Self.longestCronSleep) : first)
    }

    /// The places of runs that wait for their service's end.
    var waiting: [Int] { lines.indices.filter { lines[$0].isWaiting } }

    /// The place of the schedule `name`.
    func place(of name: String) -> Int? { lines.firstIndex { $0.entry.name == name } }

    mutating func decide(_ place: Int, isBusy: Bool, _ now: Moment, byOrder: Bool) -> ScheduleLine.Decision {
        lines[place].decide(isBusy: isBusy, now, byOrder: byOrder)
    }

    mutating func started(_ place: Int, _ now: Moment, byOrder: Bool = false) {
        lines[place].started(now, byOrder: byOrder)
    }

    mutating func drop(_ place: Int) { lines[place].drop() }

    /// What is to be kept for the next daemon: of what makes up for missed runs.
    var records: RunRecords {
        var records = RunRecords()
        for line in lines where line.entry.missed == .run { records.times[line.entry.name] = line.accounted }
        return records
    }
}
