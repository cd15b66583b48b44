/// `text` on one line: control characters (C0, DEL, C1) and line separators are written as `\u{…}`, as Swift does.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        if isControl(scalar) {
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

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
}
