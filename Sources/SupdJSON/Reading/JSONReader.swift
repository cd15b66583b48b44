/// The reader of one text: walks the bytes once. Strings and numbers have files of their own.
///
/// Who knows what an object is to have takes its members one after the other (`JSONMembers`), and has none made of what he does not keep. The
/// text has to stay where it is.
package struct JSONReader {
    /// The text, and how many bytes it has.
    let base: UnsafeRawPointer
    let end: Int
    let limits: JSONLimits
    /// The next byte to read, at most `end`.
    package internal(set) var position: Int
    private var depth = 0
    /// How many elements and members there may be still.
    private var membersLeft: Int

    /// A reader at the beginning of a text, or at another place in it.
    package init(bytes: UnsafeRawBufferPointer, limits: JSONLimits, at position: Int = 0) {
        // An empty text may be nowhere, and nothing of it is read.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        end = bytes.count
        self.limits = limits
        self.position = position
        membersLeft = limits.maximumMembers ?? .max
    }

    mutating func document() throws(JSONParseError) -> JSONValue {
        try begin()
        let value = try value()
        try finish()
        return value
    }

    /// Comes to the value that the text is. Whether that is an object.
    @discardableResult
    package mutating func begin() throws(JSONParseError) -> Bool {
        guard end <= limits.maximumBytes else {
            throw JSONParseError(offset: max(0, limits.maximumBytes), reason: .tooLong(limit: limits.maximumBytes))
        }
        skipSpace()
        return peek() == UInt8(ascii: "{")
    }

    /// Nothing but white space may follow.
    package mutating func finish() throws(JSONParseError) {
        skipSpace()
        guard position == end else { throw unexpected(.end) }
    }

    /// The value at the position.
    package mutating func value() throws(JSONParseError) -> JSONValue { try value(orElse: .value) }

    /// Steps over the value at the position, which has none made of it, and is checked all the same.
    package mutating func skipValue() throws(JSONParseError) { try skipValue(orElse: .value) }

    private mutating func skipValue(orElse expected: JSONParseError.Expectation) throws(JSONParseError) {
        switch peek() {
        case UInt8(ascii: "\""): _ = try word()
        case UInt8(ascii: "["):
            guard try beginArray() else { return }
            var expected = JSONParseError.Expectation.elementOrEnd
            repeat {
                try skipValue(orElse: expected)
                expected = .value
            } while try nextElement()
        // Its keys have to be kept, to see whether one is there twice.
        default: _ = try value(orElse: expected)
        }
    }

    /// What stands in the text from `start` to the position.
    package func text(from start: Int) -> String { String(decoding: raw(from: start, to: position), as: UTF8.self) }

    private mutating func value(orElse expected: JSONParseError.Expectation) throws(JSONParseError) -> JSONValue {
        guard let byte = peek() else { throw unexpected(expected) }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected(expected)
        }
    }

    private mutating func array() throws(JSONParseError) -> [JSONValue] {
        var elements: [JSONValue] = []
        guard try beginArray() else { return elements }
        var expected = JSONParseError.Expectation.elementOrEnd
        repeat {
            elements.append(try value(orElse: expected))
            expected = .value
        } while try nextElement()
        return elements
    }

    /// Enters the array at the position, and comes to its first element; false where it has none, and is left.
    @inline(__always)
    private mutating func beginArray() throws(JSONParseError) -> Bool {
        try enter()
        skipSpace()
        guard !skip(UInt8(ascii: "]")) else {
            depth -= 1
            return false
        }
        try countMember()
        return true
    }

    /// Comes from the end of an element to the next one; false where there is none, and the array is left.
    @inline(__always)
    private mutating func nextElement() throws(JSONParseError) -> Bool {
        skipSpace()
        if skip(UInt8(ascii: ",")) {
            skipSpace()
            try countMember()
            return true
        }
        guard skip(UInt8(ascii: "]")) else { throw unexpected(.commaOrArrayEnd) }
        depth -= 1
        return false
    }

    /// Adds the strings of the array at the position up to the first element that is none to `leading`, which has none yet, and answers how
    /// many elements there are. Nil, and nothing is read, where there is no array.
    package mutating func strings(into leading: inout JSONStrings) throws(JSONParseError) -> Int? {
        guard peek() == UInt8(ascii: "[") else { return nil }
        guard try beginArray() else { return 0 }
        var count = 0
        repeat {
            if leading.count == count, peek() == UInt8(ascii: "\"") {
                leading.append(try string())
            } else {
                try skipValue()
            }
            count += 1
        } while try nextElement()
        return count
    }

    private mutating func object() throws(JSONParseError) -> JSONObject {
        var collected = MemberCollector(duplicateKeys: limits.duplicateKeys)
        var isFirst = true
        while let key = try nextKey(isFirst: isFirst) {
            isFirst = false
            guard let index = collected.index(for: key.text) else { throw isThereTwice(key) }
            collected.members[index].value = try value(orElse: .value)
        }
        return JSONObject(distinct: collected.members)
    }

    /// Comes to the value of the first key of the object at the position, or from the end of a value to that of the next key. Nil where there is
    /// none, and the object is left.
    @inline(__always)
    mutating func nextKey(isFirst: Bool) throws(JSONParseError) -> JSONWord? {
        if isFirst { try enter() }
        skipSpace()
        guard isFirst ? peek() != UInt8(ascii: "}") : skip(UInt8(ascii: ",")) else {
            guard skip(UInt8(ascii: "}")) else { throw unexpected(.commaOrObjectEnd) }
            depth -= 1
            return nil
        }
        if !isFirst { skipSpace() }
        guard peek() == UInt8(ascii: "\"") else { throw unexpected(isFirst ? .keyOrEnd : .key) }
        try countMember()
        let key = try word()
        skipSpace()
        guard skip(UInt8(ascii: ":")) else { throw unexpected(.colon) }
        skipSpace()
        return key
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard peek() == word.utf8Start[offset] else { throw unexpected(.literal) }
            position += 1
        }
        return value
    }

    @inline(__always)
    private mutating func enter() throws(JSONParseError) {
        guard depth < limits.maximumDepth else { throw error(.tooDeep(limit: limits.maximumDepth)) }
        depth += 1
        position += 1
    }

    @inline(__always)
    private mutating func countMember() throws(JSONParseError) {
        membersLeft -= 1
        if membersLeft < 0 { throw error(.tooManyMembers(limit: limits.maximumMembers ?? .max)) }
    }
}

extension JSONReader {
    /// The next byte, nil at the end.
    @inline(__always)
    func peek() -> UInt8? {
        position < end ? base.load(fromByteOffset: position, as: UInt8.self) : nil
    }

    /// A part of the text.
    @inline(__always)
    func raw(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + start, count: end - start)
    }

    /// Steps over the byte if it is the next one.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    @inline(__always)
    mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    @inline(never)
    func error(_ reason: JSONParseError.Reason) -> JSONParseError {
        JSONParseError(offset: position, reason: reason)
    }

    /// The error of an object that has `key` a second time.
    func isThereTwice(_ key: JSONWord) -> JSONParseError {
        let start = key.bytes.baseAddress.map { base.distance(to: $0) - 1 } ?? position
        return JSONParseError(offset: start, reason: .duplicateKey(key.text))
    }

    /// The error for what is at the position.
    @inline(never)
    func unexpected(_ expected: JSONParseError.Expectation) -> JSONParseError {
        guard let byte = peek() else { return error(.endOfInput(expected: expected)) }
        return error(.unexpectedByte(byte, expected: expected))
    }
}
