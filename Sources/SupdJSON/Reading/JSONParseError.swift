/// Why a text is not taken as JSON, and where.
public struct JSONParseError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The text is longer than the limit, in bytes.
        case tooLong(limit: Int)
        /// Arrays and objects are inside each other deeper than the limit.
        case tooDeep(limit: Int)
        /// More elements and members than the limit.
        case tooManyMembers(limit: Int)
        /// An object has this key twice.
        case duplicateKey(String)
        /// A byte that cannot be there.
        case unexpectedByte(UInt8, expected: Expectation)
        /// The text ends too early.
        case endOfInput(expected: Expectation)
        /// A string is not UTF-8 (RFC 3629).
        case invalidUTF8
        /// A control character that must be written as an escape in a string.
        case controlCharacter(UInt8)
        /// An escape with half of a surrogate pair.
        case loneSurrogate(UInt16)
        /// A number too large for a 64-bit floating point number.
        case numberOutOfRange
    }

    /// What would have been right.
    public enum Expectation: String, Hashable, Sendable {
        /// The beginning of any value.
        case value = "a value"
        /// The first element of an array, or its end.
        case elementOrEnd = "a value or ']'"
        /// The end of an array, or more of it.
        case commaOrArrayEnd = "',' or ']'"
        /// The first key of an object, or its end.
        case keyOrEnd = "a key in double quotes or '}'"
        /// A key after a comma.
        case key = "a key in double quotes"
        /// Between key and value.
        case colon = "':'"
        /// The end of an object, or more of it.
        case commaOrObjectEnd = "',' or '}'"
        /// The rest of `true`, `false` or `null`.
        case literal = "true, false or null"
        /// A digit of a number.
        case digit = "a digit"
        /// No digit may follow a zero at the beginning of a number.
        case numberEnd = "no digit after a zero at the beginning of a number"
        /// The end of a string.
        case quote = "the closing '\"' of a string"
        /// What follows a backslash.
        case escape = "one of \"\\/bfnrtu after a backslash"
        /// A digit of a `\u` escape.
        case hexadecimalDigit = "a hexadecimal digit"
        /// Nothing more.
        case end = "the end of the text"
    }

    /// Where, in bytes from the beginning of the text.
    public var offset: Int
    /// What is wrong.
    public var reason: Reason

    /// An error.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }
}

extension JSONParseError: CustomStringConvertible {
    /// One line, with nothing raw from the text in it.
    public var description: String {
        "byte \(offset): \(reason)"
    }
}

extension JSONParseError.Reason: CustomStringConvertible {
    /// A phrase for a person, without the place.
    public var description: String {
        switch self {
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .tooManyMembers(let limit): "more than \(limit) elements and members"
        case .duplicateKey(let key): "the key \(quoted(key)) is there twice"
        case .unexpectedByte(let byte, let expected): "\(name(of: byte)), expected \(expected.rawValue)"
        case .endOfInput(let expected): "the text ends, expected \(expected.rawValue)"
        case .invalidUTF8: "not UTF-8"
        case .controlCharacter(let byte): "\(name(of: byte)) in a string, must be written as an escape"
        case .loneSurrogate(let unit): "half of a surrogate pair, \\u\(hexadecimal(UInt64(unit), digits: 4))"
        case .numberOutOfRange: "a number out of range"
        }
    }
}

private func name(of byte: UInt8) -> String {
    (0x20..<0x7F).contains(byte)
        ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(hexadecimal(UInt64(byte), digits: 2))"
}

private func hexadecimal(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}

/// A text from outside inside quotes: escaped, and cut where it is long.
private func quoted(_ text: String) -> String {
    let longest = 64
    let head = String(text.prefix(longest))
    let shown = JSONValue.string(head).description
    return text.count > longest ? "\(shown)…" : shown
}
