extension Duration {
    /// This duration as a person reads it: `850ms`, `1.5s`, `1min 30s`, `2h 5min`, `3d`.
    ///
    /// Under a minute three significant figures are enough to tell; above, the two largest units.
    public var text: String {
        if self < .zero { return "-" + (.zero - self).text }
        let nanoseconds = clampedNanoseconds
        if nanoseconds < 1_000_000 { return nanoseconds == 0 ? "0s" : "\(Self.decimal(nanoseconds, per: 1_000))us" }
        if nanoseconds < 1_000_000_000 { return "\(Self.decimal(nanoseconds, per: 1_000_000))ms" }
        if nanoseconds < 60_000_000_000 { return "\(Self.decimal(nanoseconds, per: 1_000_000_000))s" }
        var rest = nanoseconds / 1_000_000_000
        var parts: [String] = []
        for (unit, seconds) in [("d", Int64(86_400)), ("h", 3_600), ("min", 60), ("s", 1)] {
            let count = rest / seconds
            rest %= seconds
            if count > 0 { parts.append("\(count)\(unit)") }
        }
        return parts.prefix(2).joined(separator: " ")
    }

    /// `value / unit` with at most three decimals and no trailing zeros, in whole-number arithmetic.
    private static func decimal(_ value: Int64, per unit: Int64) -> String {
        let whole = value / unit
        let digits = whole >= 100 ? 0 : whole >= 10 ? 1 : 2
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        let fraction = (value % unit) * scale / unit
        if fraction == 0 { return "\(whole)" }
        var text = String(fraction)
        while text.utf8.count < digits { text = "0" + text }
        while text.hasSuffix("0") { text.removeLast() }
        return "\(whole).\(text)"
    }
}
