extension JSONReader {
    /// A string; the position is at its opening quote.
    mutating func string() throws(JSONParseError) -> String {
        let start = position + 1
        guard skipPlainString() else { return try stringBeyondASCII(from: start) }
        return String(ascii: raw(from: start, to: position - 1))
    }

    /// A string as it stands there. Nil, and nothing is read, where there is none.
    package mutating func stringInPlace() throws(JSONParseError) -> JSONWord? {
        guard peek() == UInt8(ascii: "\"") else { return nil }
        return try word()
    }

    /// The same; the position is at its opening quote.
    @inline(__always)
    mutating func word() throws(JSONParseError) -> JSONWord {
        let start = position + 1
        let isPlain = skipPlainString()
        if !isPlain { _ = try stringBeyondASCII(from: start) }
        return JSONWord(raw(from: start, to: position - 1), isPlain: isPlain)
    }

    /// Steps over a string that is ASCII without an escape. False where it is not, and the first byte that says so has been come to.
    @inline(__always)
    private mutating func skipPlainString() -> Bool {
        position += 1
        skipPlain()
        return skip(UInt8(ascii: "\""))
    }

    /// Steps over what has nothing to be looked at in a string: to the next byte that ends it, begins an escape, must not be there or is not
    /// ASCII. Eight at a time: the lowest bit that is set is of the first such byte (a borrow reaches only those behind it).
    @inline(__always)
    private mutating func skipPlain() {
        let each: UInt64 = 0x0101_0101_0101_0101
        while position + 8 <= end {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let isControl = word &- each &* 0x20
            let isQuote = (word ^ (each &* 0x22)) &- each
            let isBackslash = (word ^ (each &* 0x5C)) &- each
            let found = (isControl | isQuote | isBackslash | word) & (each &* 0x80)
            if found != 0 {
                position += found.trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
        while let byte = peek(), byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            position += 1
        }
    }

    /// Goes on with a string at its first byte that is not plain.
    @inline(never)
    private mutating func stringBeyondASCII(from start: Int) throws(JSONParseError) -> String {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try validated(raw(from: start, to: position - 1), at: start)
            case UInt8(ascii: "\\"):
                return try stringWithEscapes(from: start)
            case 0..<0x20:
                throw error(.controlCharacter(byte))
            default:
                position += 1
                skipPlain()
            }
        }
        throw unexpected(.quote)
    }

    /// Goes on with a string at its first backslash.
    private mutating func stringWithEscapes(from start: Int) throws(JSONParseError) -> String {
        var text = Array(raw(from: start, to: position))
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                let end = position
                position += 1
                if let valid = String(validating: text, as: UTF8.self) { return valid }
                // An escape is never a part of a sequence of bytes, so that the raw text is wrong in the same place.
                return try validated(raw(from: start, to: end), at: start)
            case UInt8(ascii: "\\"):
                try escape(into: &text)
            case 0..<0x20:
                throw error(.controlCharacter(byte))
            default:
                text.append(byte)
                position += 1
            }
        }
        throw unexpected(.quote)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONParseError) {
        let backslash = position
        position += 1
        switch peek() {
        case UInt8(ascii: "\""): text.append(0x22)
        case UInt8(ascii: "\\"): text.append(0x5C)
        case UInt8(ascii: "/"): text.append(0x2F)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            let scalar = try scalar(escapedAt: backslash)
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return
        default: throw unexpected(.escape)
        }
        position += 1
    }

    /// The character of `\uXXXX`, or of two of them; the position is behind the first `u`.
    private mutating func scalar(escapedAt backslash: Int) throws(JSONParseError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let lone = JSONParseError(offset: backslash, reason: .loneSurrogate(first))
        guard UTF16.isLeadSurrogate(first), skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else { throw lone }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else { throw lone }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func codeUnit() throws(JSONParseError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw unexpected(.hexadecimalDigit)
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private func validated(_ raw: UnsafeRawBufferPointer, at start: Int) throws(JSONParseError) -> String {
        if let text = String(validating: raw, as: UTF8.self) { return text }
        throw JSONParseError(offset: start + validUTF8Prefix(of: raw), reason: .invalidUTF8)
    }
}

extension String {
    /// The string of bytes that are ASCII.
    init(ascii bytes: UnsafeRawBufferPointer) {
        self.init(unsafeUninitializedCapacity: bytes.count) {
            UnsafeMutableRawBufferPointer($0).copyMemory(from: bytes)
            return bytes.count
        }
    }
}

/// How many bytes are UTF-8 before the first sequence that is not.
private func validUTF8Prefix(of bytes: UnsafeRawBufferPointer) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var valid = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid += UTF8.width(scalar) }
    return valid
}
