/// What clocks on the wall show, by how many seconds they are ahead of UTC at an instant. Instants are seconds since 1970.
struct CivilTime: Sendable {
    /// Seconds east of UTC at an instant. Within two days it changes once at most.
    let offset: @Sendable (Int64) -> Int64

    /// UTC.
    static let utc = CivilTime { _ in 0 }

    private static let day: Int64 = 86_400

    /// The instant at which clocks show `time`. One that they show twice is the first of the two; one that they skip is when
    /// they do so.
    func instant(of time: Int64) -> Int64 {
        let (before, after) = (offset(time - Self.day), offset(time + Self.day))
        let early = time - before
        if before == after || offset(early) == before { return early }
        let late = time - after
        if offset(late) == after { return late }
        return change(from: late, to: early)
    }

    /// The first instant after `start` and up to `end` at which the offset is not that of `start`. It is another at `end`.
    func change(from start: Int64, to end: Int64) -> Int64 {
        let before = offset(start)
        var (low, high) = (start, end)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(middle) == before { low = middle } else { high = middle }
        }
        return high
    }

    /// The quotient, rounded down.
    static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
