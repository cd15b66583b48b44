/// Dates and times of RFC 3339, section 5.6; the offset may be left out, and so may date or time.
extension ScalarSyntax {
    /// Whether a word is four digits and a hyphen, and so no number.
    static func looksLikeDate(_ word: ArraySlice<UInt8>) -> Bool {
        word.count > 4 && word.prefix(4).allSatisfy(isDigit) && word.dropFirst(4).first == UInt8(ascii: "-")
    }

    /// Whether a word has the form of a date and nothing behind it.
    static func isDate(_ word: ArraySlice<UInt8>) -> Bool {
        var reader = DateReader(rest: word)
        return reader.date() != nil && reader.rest.isEmpty
    }

    /// Whether these bytes begin as a time.
    static func beginsTime(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count > 2 && bytes.prefix(2).allSatisfy(isDigit) && bytes.dropFirst(2).first == UInt8(ascii: ":")
    }

    /// A date, a time, or both; the word begins as one of them.
    static func dateOrTime(_ word: ArraySlice<UInt8>, _ text: String) throws(Malformed) -> TOMLValue {
        let malformed = Malformed(
            message: "\(shown(text)) is neither date nor time: expected YYYY-MM-DD, HH:MM:SS, or both as "
                + "YYYY-MM-DDTHH:MM:SS with Z or an offset as +HH:MM behind")
        var reader = DateReader(rest: word)
        var date = ""
        if looksLikeDate(word) {
            guard let isInCalendar = reader.date() else { throw malformed }
            guard isInCalendar else { throw Malformed(message: "\(shown(text)) is not in the calendar") }
            if reader.rest.isEmpty { return .localDate(text) }
            date = String(decoding: word.prefix(10), as: UTF8.self)
            guard reader.skip("T") || reader.skip("t") || reader.skip(" ") else { throw malformed }
        }
        let time = String(decoding: reader.rest, as: UTF8.self)
        guard let isOnTheClock = reader.time() else { throw malformed }
        guard isOnTheClock else { throw Malformed(message: "\(shown(text)) is not a time that a clock shows") }
        if reader.rest.isEmpty { return date.isEmpty ? .localTime(time) : .localDateTime("\(date)T\(time)") }
        guard !date.isEmpty, let isOffset = reader.offset(), reader.rest.isEmpty else { throw malformed }
        guard isOffset else { throw Malformed(message: "\(shown(text)) has an offset of a day or more") }
        return .offsetDateTime("\(date)T\(time.uppercased())")
    }
}

/// Each part is nil where its form is wrong, and false where a number in it is.
private struct DateReader {
    var rest: ArraySlice<UInt8>

    mutating func date() -> Bool? {
        guard let year = digits(4), skip("-"), let month = digits(2), skip("-"), let day = digits(2) else { return nil }
        guard (1...12).contains(month) else { return false }
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...days[month - 1]).contains(day)
    }

    mutating func time() -> Bool? {
        guard let hour = digits(2), skip(":"), let minute = digits(2), skip(":"), let second = digits(2) else {
            return nil
        }
        if skip(".") {
            guard digits(1) != nil else { return nil }
            while digits(1) != nil {}
        }
        // RFC 3339 has second 60 for a leap second.
        return hour < 24 && minute < 60 && second <= 60
    }

    mutating func offset() -> Bool? {
        if skip("Z") || skip("z") { return true }
        guard skip("+") || skip("-"), let hour = digits(2), skip(":"), let minute = digits(2) else { return nil }
        return hour < 24 && minute < 60
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count, rest.prefix(count).allSatisfy(ScalarSyntax.isDigit) else { return nil }
        let value = rest.prefix(count).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        rest.removeFirst(count)
        return value
    }
}
