import SupdPlugin

/// A duration as the protocol has it: a number of seconds, to the microsecond. More is noise, and makes longer numbers.
struct WireDuration {
    let duration: Duration

    /// Nil where the number is none, or of more years than 64 bits of nanoseconds hold.
    init?(seconds: Double) {
        guard seconds.isFinite, abs(seconds) < 9.2e9 else { return nil }
        duration = .microseconds(Int64((seconds * 1e6).rounded()))
    }

    /// What is left of a microsecond is left out.
    static func seconds(of duration: Duration) -> Double {
        Double(duration.clampedNanoseconds / 1000) / 1e6
    }
}
