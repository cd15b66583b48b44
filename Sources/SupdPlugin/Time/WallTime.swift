/// Wall time (CLOCK_REALTIME), for display only: no decision of supd is made on it.
public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public var nanoseconds: Int64

    /// The time so long after 1970.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// How long after `earlier` this is; negative when it is before.
    public func duration(since earlier: WallTime) -> Duration {
        .nanoseconds(nanoseconds) - .nanoseconds(earlier.nanoseconds)
    }

    /// So many nanoseconds later; where no time is that late, or that early, the last or the first.
    package func advanced(byNanoseconds nanoseconds: Int64) -> WallTime {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return WallTime(nanoseconds: overflow ? (nanoseconds < 0 ? .min : .max) : sum)
    }

    /// `2026-11-22T15:40:49.123Z`.
    public var description: String { TimeText.format(self) }

    /// Whether `lhs` is the earlier.
    public static func < (lhs: WallTime, rhs: WallTime) -> Bool { lhs.nanoseconds < rhs.nanoseconds }
}
