import SupdPlugin
import SupdTOML

/// `text` on one line: what could forge another (`isUnsafeInALine`) is written as `\u{…}`, as Swift does.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: \.isUnsafeInALine) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.isUnsafeInALine {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// The first character of `text` that could forge another line (`isUnsafeInALine`), for a message: most cannot be seen where they stand.
/// `U+202E (right-to-left override)`; nil where there is none.
func unsafeCharacter(of text: String) -> String? {
    text.unicodeScalars.first(where: \.isUnsafeInALine).map { "\(codePoint($0)) (\(name(ofUnsafe: $0)))" }
}

/// What Unicode calls it, where it has a name of its own there.
private func name(ofUnsafe scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0x09: "tab"
    case 0x0A: "line feed"
    case 0x0D: "carriage return"
    case 0x1B: "escape"
    case 0x061C: "Arabic letter mark"
    case 0x200E: "left-to-right mark"
    case 0x200F: "right-to-left mark"
    case 0x2028: "line separator"
    case 0x2029: "paragraph separator"
    case 0x202A: "left-to-right embedding"
    case 0x202B: "right-to-left embedding"
    case 0x202C: "pop directional formatting"
    case 0x202D: "left-to-right override"
    case 0x202E: "right-to-left override"
    case 0x2066: "left-to-right isolate"
    case 0x2067: "right-to-left isolate"
    case 0x2068: "first strong isolate"
    case 0x2069: "pop directional isolate"
    case 0xFEFF: "byte order mark"
    default: "control character"
    }
}

/// `text` in quotation marks for a message, cut where it is long: what was found should be recognized, not reprinted.
func quoted(_ text: String) -> String {
    "\"\(shortened(text))\""
}

/// The first 60 characters of `text`, and dots where there were more.
func shortened(_ text: String) -> String {
    let head = text.unicodeScalars.prefix(60)
    if head.endIndex == text.unicodeScalars.endIndex { return text }
    return String(head) + "…"
}
