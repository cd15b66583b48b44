/// A resource limit as `limits` writes it: `SOFT`, or `SOFT:HARD`, each a number, a size, or `infinity`.
struct ResourceLimitText {
    let soft: UInt64
    let hard: UInt64

    /// What getrlimit(2) calls RLIM_INFINITY.
    static let infinity = UInt64.max

    init(_ text: String) throws(ByteSize.Unreadable) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        soft = try Self.bound(parts[0])
        hard = parts.count > 1 ? try Self.bound(parts[1]) : soft
        guard soft <= hard else {
            throw ByteSize.Unreadable(description: "the soft limit '\(parts[0])' is over the hard limit '\(parts[1])'")
        }
    }

    private static func bound(_ text: Substring) throws(ByteSize.Unreadable) -> UInt64 {
        if text == "infinity" || text == "unlimited" { return infinity }
        return try ByteSize.parse(String(text))
    }
}
