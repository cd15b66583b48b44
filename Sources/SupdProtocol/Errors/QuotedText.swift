import SupdPlugin

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
        guard text.unicodeScalars.contains(where: \.isUnsafeInALine) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where scalar.isUnsafeInALine: escaped += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
