import SupdPlugin

/// What processes use, in few characters.
enum UsageText {
    /// `0.12s`; from a minute on whole seconds: `1min 5s`.
    static func time(_ time: Duration) -> String {
        let hundredths = max(0, time.clampedNanoseconds / 10_000_000)
        guard hundredths < 6000 else { return Duration.seconds(hundredths / 100).text }
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)s"
    }

    /// `1.2M`: in units of 1024, with a decimal below ten of them.
    static func size(_ bytes: Int) -> String {
        let tenths = max(0, bytes).multipliedReportingOverflow(by: 10)
        var value = tenths.overflow ? Int.max : tenths.partialValue
        guard value >= 10_240 else { return "\(value / 10)B" }
        var unit = 0
        repeat {
            value /= 1024
            unit += 1
        } while value >= 10_240 && unit < units.count
        let number = value < 100 ? "\(value / 10).\(value % 10)" : "\(value / 10)"
        return number + units[unit - 1]
    }

    private static let units = ["K", "M", "G", "T"]
}
