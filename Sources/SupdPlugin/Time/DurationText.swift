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
        var text = ""
        var rest = nanoseconds / 1_000_000_000
        var units = 0
        // No list of pairs and no joining: what the runtime makes for their types was a twentieth of `supctl status NAME`.
        func append(_ unit: String, of seconds: Int64) {
            let count = rest / seconds
            rest %= seconds
            guard count > 0, units < 2 else { return }
            text += units == 0 ? "\(count)\(unit)" : " \(count)\(unit)"
            units += 1
        }
        append("d", of: 86_400)
        append("h", of: 3_600)
        append("min", of: 60)
        append("s", of: 1)
        return text
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
