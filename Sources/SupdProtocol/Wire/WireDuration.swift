import SupdPlugin

/// A duration as the protocol has it: a number of seconds.
struct WireDuration {
    let duration: Duration

    /// Nil where the number is none, or of more years than 64 bits of nanoseconds hold.
    init?(seconds: Double) {
        guard seconds.isFinite, abs(seconds) < 9.2e9 else { return nil }
        duration = .nanoseconds(Int64((seconds * 1e9).rounded()))
    }

    /// To the microsecond: more is noise, and makes longer numbers.
    static func seconds(of duration: Duration) -> Double {
        Double(duration.clampedNanoseconds / 1000) / 1e6
    }
}
