extension JSONReader {
    /// A number; the position is at its sign or first digit.
    mutating func number() throws(JSONParseError) -> JSONValue {
        let start = position
        let negative = skip(UInt8(ascii: "-"))
        var decimal = Decimal()
        if skip(UInt8(ascii: "0")) {
            if digit() != nil { throw unexpected(.numberEnd) }
        } else {
            try digits { decimal.append($0) }
        }
        let isInteger: Bool
        switch peek() {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isInteger = false
        default: isInteger = true
        }
        if isInteger {
            if let integer = decimal.integer(negative: negative) { return .integer(integer) }
            return .number(try double(decimal, negative: negative, from: start))
        }
        if skip(UInt8(ascii: ".")) {
            try digits { decimal.appendFraction($0) }
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            let isSmall = skip(UInt8(ascii: "-"))
            if !isSmall { _ = skip(UInt8(ascii: "+")) }
            var exponent = 0
            try digits { exponent = min(exponent * 10 + $0, Decimal.greatestExponent) }
            decimal.exponent += isSmall ? -exponent : exponent
        }
        return .number(try double(decimal, negative: negative, from: start))
    }

    /// At least one digit.
    private mutating func digits(_ take: (Int) -> Void) throws(JSONParseError) {
        guard digit() != nil else { throw unexpected(.digit) }
        while let next = digit() {
            take(next)
            position += 1
        }
    }

    private func digit() -> Int? {
        guard let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        return Int(byte - UInt8(ascii: "0"))
    }

    private func double(_ decimal: Decimal, negative: Bool, from start: Int) throws(JSONParseError) -> Double {
        if let exact = decimal.exactDouble(negative: negative) { return exact }
        let text = String(decoding: raw(from: start, to: position), as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            throw JSONParseError(offset: start, reason: .numberOutOfRange)
        }
        return number
    }
}

/// The digits of a number as far as they fit, and whether they did.
private struct Decimal {
    private var digits: UInt64 = 0
    private var overflowed = false
    /// The power of ten that the digits are times of.
    var exponent = 0

    /// Beyond any double; a longer exponent counts as this one.
    static let greatestExponent = 1_000_000

    mutating func append(_ digit: Int) {
        let (shifted, tooLarge) = digits.multipliedReportingOverflow(by: 10)
        let (sum, carried) = shifted.addingReportingOverflow(UInt64(digit))
        digits = sum
        overflowed = overflowed || tooLarge || carried
    }

    mutating func appendFraction(_ digit: Int) {
        append(digit)
        exponent -= 1
    }

    /// The value of a number without fraction and exponent; nil outside 64 bits, and for `-0`, which is no integer.
    func integer(negative: Bool) -> Int64? {
        guard !overflowed else { return nil }
        guard negative else { return Int64(exactly: digits) }
        return digits == 0 ? nil : Int64(exactly: 0 - Int128(digits))
    }

    /// The double where one exact operation gives it: both the digits and the power of ten are exact then, and IEEE 754
    /// rounds a single operation correctly. Nil where that is not so.
    func exactDouble(negative: Bool) -> Double? {
        guard !overflowed, digits <= 1 << 53, abs(exponent) < Self.powers.count else { return nil }
        let magnitude = Double(digits)
        let power = Self.powers[abs(exponent)]
        let value = exponent < 0 ? magnitude / power : magnitude * power
        return negative ? -value : value
    }

    /// The powers of ten that a double holds exactly.
    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
