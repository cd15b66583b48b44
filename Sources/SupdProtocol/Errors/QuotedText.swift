/// Puts text from outside into a message: in quotes, with control characters escaped so that it cannot forge a line,
/// and cut where it is long.
public enum QuotedText {
    /// How many characters are shown.
    public static let longest = 80

    /// `'web'`; what is over `longest` characters is replaced by `…`.
    public static func quote(_ text: String) -> String {
        let shown = text.prefix(longest)
        return "'\(escape(String(shown)))\(shown.endIndex == text.endIndex ? "" : "…")'"
    }

    /// `text` with control characters, line separators and marks that change the direction of writing as `\n`,
    /// `\u{202E}` and so on.
    public static func escape(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where isUnsafe(scalar): escaped += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// C0 and C1 controls, line and paragraph separators, and the bidirectional controls of Unicode Standard Annex 9.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
