/// A place in the bytes that knows its line and column. A value: to come back later, keep a copy.
struct Cursor {
    let bytes: [UInt8]
    private(set) var offset: Int
    private(set) var line = 1
    private var lineOffset: Int
    /// How far the columns of this line are counted, so that no byte is counted twice.
    private var countedOffset: Int
    private var countedColumn = 1

    /// A cursor at the beginning, behind a byte order mark.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        lineOffset = offset
        countedOffset = offset
    }

    /// The beginning of this line.
    var lineStart: Cursor {
        var start = self
        start.offset = lineOffset
        start.countedOffset = lineOffset
        start.countedColumn = 1
        return start
    }

    var isAtEnd: Bool { offset >= bytes.count }

    /// The byte so far ahead, nil behind the end.
    @inline(__always)
    func peek(_ ahead: Int = 0) -> UInt8? {
        offset + ahead < bytes.count ? bytes[offset + ahead] : nil
    }

    /// Whether these bytes are next.
    func isAt(_ text: StaticString) -> Bool {
        guard offset + text.utf8CodeUnitCount <= bytes.count else { return false }
        for ahead in 0..<text.utf8CodeUnitCount where bytes[offset + ahead] != text.utf8Start[ahead] { return false }
        return true
    }

    /// Whether a line ends here: `\n`, `\r\n`, or the text.
    var isAtLineEnd: Bool {
        isAtEnd || peek() == 0x0A || isAt("\r\n")
    }

    /// Steps over bytes of this line.
    @inline(__always)
    mutating func advance(_ count: Int = 1) {
        offset = min(offset + count, bytes.count)
    }

    /// Steps over the byte if it is next.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        advance()
        return true
    }

    /// Steps over blanks and tabs.
    mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 { advance() }
    }

    /// Steps over the end of a line if it is next.
    mutating func skipNewline() -> Bool {
        guard !isAtEnd, isAtLineEnd else { return false }
        advance(peek() == 0x0D ? 2 : 1)
        line += 1
        lineOffset = offset
        countedOffset = offset
        countedColumn = 1
        return true
    }

    /// Steps over text and the byte behind it, which ends it, where that is as plain as most are: printable ASCII without a backslash, which
    /// stands for itself in every string. Nil, and no step, where it is not.
    mutating func skipPlainText(before end: UInt8) -> String? {
        var stop = offset
        while stop < bytes.count, bytes[stop] != end {
            guard Self.isPlain(bytes[stop]) else { return nil }
            stop += 1
        }
        guard stop < bytes.count else { return nil }
        defer { offset = stop + 1 }
        return String(decoding: bytes[offset..<stop], as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\\") }

    /// Steps to the end of the line, whatever is there.
    mutating func skipToLineEnd() {
        while !isAtEnd, peek() != 0x0A { advance() }
    }

    /// The line and column here.
    mutating func position() -> TOMLPosition {
        // One for each scalar: every byte but those that continue one.
        for byte in bytes[countedOffset..<offset] where byte & 0xC0 != 0x80 { countedColumn += 1 }
        countedOffset = offset
        return TOMLPosition(line: line, column: countedColumn)
    }

    /// What is here, for a message.
    func found() -> String {
        guard let byte = peek() else { return "the end of the file" }
        if isAtLineEnd { return "the end of the line" }
        var decoder = UTF8()
        var rest = bytes[offset...].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&rest) else {
            return "byte 0x\(String(byte, radix: 16, uppercase: true)), which is not UTF-8"
        }
        switch scalar.properties.generalCategory {
        case .control: return scalar == "\t" ? "a tab" : "the control character \(codePoint(scalar))"
        case .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned, .privateUse, .surrogate:
            return scalar == " " ? "a blank" : "the character \(codePoint(scalar))"
        default: return "'\(scalar)'"
        }
    }
}
