/// The values that are one word: booleans, numbers, dates and times.
enum ScalarSyntax {
    /// Why a word is no value.
    struct Malformed: Error {
        let message: String
    }

    /// The value that a word stands for.
    static func value(of word: ArraySlice<UInt8>) throws(Malformed) -> TOMLValue {
        let text = String(decoding: word, as: UTF8.self)
        if looksLikeDate(word) || beginsTime(word) { return try dateOrTime(word, text) }
        if beginsNumber(word) { return try number(word, text) }
        switch text {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .float(.infinity)
        case "-inf": return .float(-.infinity)
        case "nan", "+nan", "-nan": return .float(.nan)
        default: break
        }
        let lower = text.lowercased()
        if ["true", "false", "inf", "nan"].contains(lower) {
            throw Malformed(message: "\(shown(text)) is not a value: expected \(lower) in lower case")
        }
        throw Malformed(
            message: "\(shown(text)) is not a value: expected a number, true, false, or a string in quotation marks")
    }

    private static func beginsNumber(_ word: ArraySlice<UInt8>) -> Bool {
        guard let first = word.first else { return false }
        if isDigit(first) { return true }
        guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else { return false }
        return word.dropFirst().first.map(isDigit) ?? false
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
