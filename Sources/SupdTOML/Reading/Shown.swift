/// A key as a message shows it.
func shown(_ key: DottedKey) -> String {
    shown(key.keys[...])
}

/// The names of a dotted key up to one of them as a message shows them.
func shown(_ path: ArraySlice<TOMLKey>) -> String {
    let longest = 8
    let names = path.prefix(longest).map { key in
        key.name.utf8.allSatisfy(isBareKeyByte) && !key.name.isEmpty ? cut(key.name) : "\"\(visible(key.name))\""
    }
    return "'\(names.joined(separator: "."))\(path.count > longest ? "…" : "")'"
}

/// A piece of the text inside quotes.
func shown(_ text: String) -> String {
    "'\(visible(text))'"
}

/// A text from the file that cannot forge a line of a message nor fill the screen.
private func visible(_ text: String) -> String {
    var result = ""
    for scalar in cut(text).unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: result += codePoint(scalar)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private func cut(_ text: String) -> String {
    let longest = 48
    let head = text.unicodeScalars.prefix(longest)
    return head.endIndex == text.unicodeScalars.endIndex ? text : String(head) + "…"
}

/// `U+000A`
package func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}

/// Whether a byte may be in a key without quotes.
func isBareKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
    default: false
    }
}
