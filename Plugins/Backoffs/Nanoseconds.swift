import SupdPlugin

/// A length of time in floating point, so that any count of restarts ends in infinity and not in an overflow.
struct Nanoseconds {
    /// Zero or more; may be infinite.
    var value: Double

    init(value: Double) {
        self.value = value
    }

    init(_ duration: Duration) {
        value = Double(duration.clampedNanoseconds)
    }

    /// The whole nanoseconds of it, held within what a duration can say; zero where it is no number.
    var duration: Duration {
        guard value > 0 else { return .zero }
        return .nanoseconds(Int64(Swift.min(value.rounded(), 0x1p62)))
    }
}
