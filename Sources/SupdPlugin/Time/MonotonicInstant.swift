/// A point on the machine's monotonic clock (CLOCK_MONOTONIC), in nanoseconds since an arbitrary start.
///
/// Every decision in supd is made on this clock; wall time is for display only, so a jump of the
/// wall clock moves no timer.
public struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's start.
    public var nanoseconds: Int64

    /// The instant `nanoseconds` after the clock's start.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The later instant `duration` after this one; saturates at the end of the clock.
    public func advanced(by duration: Duration) -> MonotonicInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.clampedNanoseconds)
        if overflow {
            return MonotonicInstant(nanoseconds: duration < .zero ? .min : .max)
        }
        return MonotonicInstant(nanoseconds: sum)
    }

    /// How long after `earlier` this instant is; negative when it is before.
    public func duration(since earlier: MonotonicInstant) -> Duration {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        // Not `.nanoseconds`, which takes ten times as long.
        return Duration(attoseconds: Int128(overflow ? .max : difference) &* 1_000_000_000)
    }

    /// Whether `lhs` is the earlier of the two.
    public static func < (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }
}

extension Duration {
    /// This duration in whole nanoseconds, held within what an `Int64` can say (about 292 years).
    public var clampedNanoseconds: Int64 {
        // What is short is divided by the processor itself: this is done several times in a turn of the loop.
        let attoseconds = attoseconds
        if attoseconds >= 0, attoseconds >> 64 == 0 {
            return Int64(UInt64(truncatingIfNeeded: attoseconds) / 1_000_000_000)
        }
        return nanosecondsOfLong
    }

    private var nanosecondsOfLong: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard !carried else { return seconds < 0 ? .min : .max }
        return sum
    }

    /// This duration in seconds as a floating-point number.
    public var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
