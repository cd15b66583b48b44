/// The reader of one text: walks the bytes once. Strings and numbers have files of their own.
struct JSONReader {
    let bytes: UnsafeRawBufferPointer
    let limits: JSONLimits
    /// The next byte to read, at most `bytes.count`.
    var position = 0
    private var depth = 0
    private var members = 0

    init(bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONParseError) -> JSONValue {
        guard bytes.count <= limits.maximumBytes else {
            throw JSONParseError(offset: max(0, limits.maximumBytes), reason: .tooLong(limit: limits.maximumBytes))
        }
        skipSpace()
        let value = try value(orElse: .value)
        skipSpace()
        guard position == bytes.count else { throw unexpected(.end) }
        return value
    }

    /// Where in the text the value of a member is, of the object that the text is; nil where there is none.
    mutating func place(ofMember key: String) throws(JSONParseError) -> Range<Int>? {
        skipSpace()
        guard peek() == UInt8(ascii: "{") else { return nil }
        try enter()
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { return nil }
            let found = try string().isExactly(key)
            skipSpace()
            guard skip(UInt8(ascii: ":")) else { return nil }
            skipSpace()
            let start = position
            _ = try value(orElse: .value)
            if found { return start..<position }
            skipSpace()
        } while skip(UInt8(ascii: ","))
        return nil
    }

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
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        skipSpace()
        if skip(UInt8(ascii: "]")) { return elements }
        var expected = JSONParseError.Expectation.elementOrEnd
        while true {
            try countMember()
            elements.append(try value(orElse: expected))
            skipSpace()
            if skip(UInt8(ascii: ",")) {
                skipSpace()
                expected = .value
                continue
            }
            guard skip(UInt8(ascii: "]")) else { throw unexpected(.commaOrArrayEnd) }
            return elements
        }
    }

    private mutating func object() throws(JSONParseError) -> JSONObject {
        try enter()
        defer { depth -= 1 }
        var collected = MemberCollector(duplicateKeys: limits.duplicateKeys)
        skipSpace()
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        var expected = JSONParseError.Expectation.keyOrEnd
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw unexpected(expected) }
            try countMember()
            let keyOffset = position
            let key = try string()
            skipSpace()
            guard skip(UInt8(ascii: ":")) else { throw unexpected(.colon) }
            skipSpace()
            guard let index = collected.index(for: key) else {
                throw JSONParseError(offset: keyOffset, reason: .duplicateKey(key))
            }
            collected.members[index].value = try value(orElse: .value)
            skipSpace()
            if skip(UInt8(ascii: ",")) {
                skipSpace()
                expected = .key
                continue
            }
            guard skip(UInt8(ascii: "}")) else { throw unexpected(.commaOrObjectEnd) }
            return JSONObject(distinct: collected.members)
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard peek() == word.utf8Start[offset] else { throw unexpected(.literal) }
            position += 1
        }
        return value
    }

    private mutating func enter() throws(JSONParseError) {
        guard depth < limits.maximumDepth else { throw error(.tooDeep(limit: limits.maximumDepth)) }
        depth += 1
        position += 1
    }

    private mutating func countMember() throws(JSONParseError) {
        members += 1
        if let limit = limits.maximumMembers, members > limit { throw error(.tooManyMembers(limit: limit)) }
    }
}

extension JSONReader {
    /// The next byte, nil at the end.
    @inline(__always)
    func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
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

    func error(_ reason: JSONParseError.Reason) -> JSONParseError {
        JSONParseError(offset: position, reason: reason)
    }

    /// The error for what is at the position.
    func unexpected(_ expected: JSONParseError.Expectation) -> JSONParseError {
        guard let byte = peek() else { return error(.endOfInput(expected: expected)) }
        return error(.unexpectedByte(byte, expected: expected))
    }
}
