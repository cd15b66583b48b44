import SupdProtocol

/// How long to wait: `500ms`, `1min 30s`, `2h`, a number of seconds, or `infinity`.
struct WaitLimit: Hashable {
    /// Nil for as long as it takes.
    var duration: Duration?

    /// Nil where `argument` says no such time, or one over the protocol's limit.
    init?(_ argument: String) {
        if argument == "infinity" {
            duration = nil
            return
        }
        guard let parsed = Self.parse(argument), parsed <= ProtocolLimits.longestTimeout else { return nil }
        duration = parsed
    }

    private static let units: [String: Double] = [
        "ms": 1e-3, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "": 1,
    ]

    private static func parse(_ text: String) -> Duration? {
        var rest = Substring(text.filter { $0 != " " })
        guard !rest.isEmpty else { return nil }
        var seconds = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            // Without a unit it is seconds, and then nothing else may stand beside it.
            guard let value = Double(digits), let scale = units[String(unit)],
                !unit.isEmpty || digits.count == text.count
            else { return nil }
            seconds += value * scale
        }
        return seconds <= 1e9 ? .milliseconds(Int64((seconds * 1000).rounded())) : nil
    }
}
