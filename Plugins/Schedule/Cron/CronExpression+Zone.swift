/// Runs where clocks are put forward and back, as cron(8) of Debian has them.
///
/// What runs at certain hours runs once on each day that has it: a time that is skipped comes when the clocks are put forward,
/// all such as one; a time that comes twice counts the first time. What runs in every hour goes by time as it passes.
extension CronExpression {
    /// The first instant after `instant`, in seconds since 1970; nil where none comes.
    func next(after instant: Int64, in zone: CivilTime) -> Int64? {
        isHourly ? nextAsTimePasses(after: instant, in: zone) : nextByTheClock(after: instant, in: zone)
    }

    private func nextByTheClock(after instant: Int64, in zone: CivilTime) -> Int64? {
        var time = instant + zone.offset(instant)
        while let next = first(from: time + 1) {
            let found = zone.instant(of: next)
            if found > instant { return found }
            // The second of two hours of the same name.
            time = next
        }
        return nil
    }

    private func nextAsTimePasses(after instant: Int64, in zone: CivilTime) -> Int64? {
        var start = instant + 1
        while true {
            let offset = zone.offset(start)
            guard let time = first(from: start + offset) else { return nil }
            // Seen a day at a time, in which the clocks change once at most.
            let end = min(time - offset, start + 86_400)
            if zone.offset(end) != offset {
                let change = zone.change(from: start, to: end)
                if time - offset < change { return time - offset }
                start = change
            } else if end == time - offset {
                return end
            } else {
                start = max(end, zone.instant(of: time))
            }
        }
    }
}
