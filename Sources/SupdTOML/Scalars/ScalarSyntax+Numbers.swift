extension ScalarSyntax {
    /// An integer or a float; the word begins with a digit or with a sign and a digit.
    static func number(_ word: ArraySlice<UInt8>, _ text: String) throws(Malformed) -> TOMLValue {
        var reader = NumberReader(rest: word, text: text)
        let sign = reader.sign()
        if let radix = reader.radix() {
            guard sign.isEmpty else { throw reader.malformed("no sign before a number that is not decimal") }
            let digits = try reader.digits(radix: radix)
            guard reader.rest.isEmpty else { throw reader.malformed("nothing but digits") }
            guard let value = Int64(digits, radix: radix) else { throw reader.outOfRange }
            return .integer(value)
        }
        var digits = sign + (try reader.digits(radix: 10))
        if digits.utf8.count > sign.utf8.count + 1, digits.dropFirst(sign.utf8.count).first == "0" {
            throw reader.malformed("no zero at the beginning of a decimal number")
        }
        if reader.rest.isEmpty {
            guard let value = Int64(digits) else { throw reader.outOfRange }
            return .integer(value)
        }
        if reader.skip(".") { digits += "." + (try reader.digits(radix: 10)) }
        if reader.skip("e") || reader.skip("E") { digits += "e" + reader.sign() + (try reader.digits(radix: 10)) }
        guard reader.rest.isEmpty else {
            throw reader.malformed("nothing but digits, or a string in quotation marks")
        }
        guard let value = Double(digits), value.isFinite else { throw reader.outOfRange }
        return .float(value)
    }
}

private struct NumberReader {
    var rest: ArraySlice<UInt8>
    let text: String

    /// `+`, `-` or nothing.
    mutating func sign() -> String {
        if skip("-") { return "-" }
        return skip("+") ? "+" : ""
    }

    /// The base that a prefix names, nil where there is none.
    mutating func radix() -> Int? {
        let prefixes: [(StaticString, Int)] = [("0x", 16), ("0o", 8), ("0b", 2)]
        for (prefix, radix) in prefixes where skip(prefix) { return radix }
        return nil
    }

    /// At least one digit, without the underscores between them.
    mutating func digits(radix: Int) throws(ScalarSyntax.Malformed) -> String {
        var digits: [UInt8] = []
        var isAfterDigit = false
        while let byte = rest.first {
            if let digit = Character(UnicodeScalar(byte)).hexDigitValue, digit < radix {
                digits.append(byte)
                isAfterDigit = true
            } else if byte == UInt8(ascii: "_") {
                guard isAfterDigit else { throw malformed("a digit on both sides of '_'") }
                isAfterDigit = false
            } else {
                break
            }
            rest.removeFirst()
        }
        guard !digits.isEmpty else { throw malformed(rest.isEmpty ? "a digit at its end" : "a digit before \(next)") }
        guard isAfterDigit else { throw malformed("a digit on both sides of '_'") }
        return String(decoding: digits, as: UTF8.self)
    }

    mutating func skip(_ prefix: StaticString) -> Bool {
        let isThere = prefix.withUTF8Buffer { rest.starts(with: $0) }
        if isThere { rest.removeFirst(prefix.utf8CodeUnitCount) }
        return isThere
    }

    func malformed(_ expected: String) -> ScalarSyntax.Malformed {
        ScalarSyntax.Malformed(message: "\(shown(text)) is not a number: expected \(expected)")
    }

    var outOfRange: ScalarSyntax.Malformed {
        ScalarSyntax.Malformed(message: "\(shown(text)) is out of range: expected a number of 64 bits")
    }

    private var next: String {
        shown(String(String(decoding: rest, as: UTF8.self).prefix(1)))
    }
}
