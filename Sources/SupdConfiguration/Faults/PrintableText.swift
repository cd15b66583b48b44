import SupdPlugin

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
