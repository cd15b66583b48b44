/// Reads one document, statement by statement. Keys, values, strings and what is done after an error have files of
/// their own.
struct DocumentParser {
    var cursor: Cursor
    /// Brackets of the statement that are open, the outermost first.
    var open: [OpenBracket] = []
    /// Whether the statement failed in a string of several lines, whose end is unknown.
    var isInLongString = false
    private(set) var errors: [TOMLError] = []
    private let root = TableBuilder(origin: .header, position: TOMLPosition(line: 1, column: 1))
    /// The table that lines are added to; after a header that cannot be obeyed one outside the tree.
    private(set) var section: TableBuilder

    /// An array or inline table whose end was not read yet.
    struct OpenBracket {
        let byte: UInt8
        let position: TOMLPosition
    }

    init(_ bytes: [UInt8]) {
        cursor = Cursor(bytes)
        section = root
    }

    mutating func document() -> (TOMLTable, [TOMLError]) {
        if let reason = unreadable() {
            report(TOMLError(position: TOMLPosition(line: 1, column: 1), message: reason))
            root.isComplete = false
            return (root.finished(), errors)
        }
        while !cursor.isAtEnd, errors.count < TOML.maximumErrors {
            let line = cursor.line
            do throws(TOMLError) {
                try statement()
            } catch {
                section.isComplete = false
                recover(from: error, ofStatementAt: line)
            }
        }
        errors.sort { $0.position < $1.position }
        return (root.finished(), errors)
    }

    /// Takes note of an error; those over the limit are dropped, as reading stops there.
    mutating func report(_ error: TOMLError) {
        guard errors.count < TOML.maximumErrors else { return }
        errors.append(error)
    }

    /// Forgets the errors of a trial or of a string that turned out to have no end.
    mutating func dropErrors(from count: Int) {
        errors.removeSubrange(min(count, errors.count)...)
    }

    /// Why the whole text is refused unread, nil where it is not.
    private func unreadable() -> String? {
        if cursor.bytes.count > TOML.maximumBytes {
            return "\(cursor.bytes.count) bytes, expected at most \(TOML.maximumBytes)"
        }
        if cursor.bytes.starts(with: [0xFE, 0xFF]) || cursor.bytes.starts(with: [0xFF, 0xFE]) {
            return "the file is UTF-16, expected UTF-8"
        }
        return nil
    }

    private mutating func statement() throws(TOMLError) {
        cursor.skipSpace()
        if cursor.isAtLineEnd || cursor.peek() == UInt8(ascii: "#") {
            try endOfLine(after: "")
        } else if cursor.peek() == UInt8(ascii: "[") {
            try header()
            try endOfLine(after: "the header")
        } else {
            try keyValue()
            try endOfLine(after: "the value")
        }
    }

    private mutating func keyValue() throws(TOMLError) {
        let path = try dottedKey()
        let node = try valueAfterEquals(path, of: section)
        do throws(PathError) {
            try section.set(path, to: node)
        } catch {
            report(TOMLError(error))
        }
    }

    private mutating func header() throws(TOMLError) {
        let position = cursor.position()
        // Until the header is understood, its lines belong to no table rather than to the one before.
        section = TableBuilder(origin: .header, position: position)
        let isElement = cursor.isAt("[[")
        cursor.advance(isElement ? 2 : 1)
        cursor.skipSpace()
        let path = try dottedKey()
        do throws(PathError) {
            if isElement { try root.append(section, to: path) } else { section = try root.open(path, as: section) }
        } catch {
            report(TOMLError(error))
        }
        let closing: StaticString = isElement ? "]]" : "]"
        guard cursor.isAt(closing) else { throw unexpected("'\(closing)' at the end of the header") }
        cursor.advance(closing.utf8CodeUnitCount)
    }

    /// Blanks, a comment and the end of the line.
    private mutating func endOfLine(after what: String) throws(TOMLError) {
        cursor.skipSpace()
        skipComment()
        if cursor.isAtEnd || cursor.skipNewline() { return }
        throw unexpected("the end of the line after \(what)")
    }

    /// Steps over a comment if one is next.
    mutating func skipComment() {
        guard cursor.peek() == UInt8(ascii: "#") else { return }
        let start = cursor
        while !cursor.isAtLineEnd, let byte = cursor.peek() {
            if isForbiddenControl(byte) {
                report(unexpected("no control character but a tab in a comment"))
                cursor.skipToLineEnd()
                return
            }
            cursor.advance()
        }
        _ = text(cursor.bytes[start.offset..<cursor.offset], from: start)
    }

    /// The error for what is at the cursor.
    mutating func unexpected(_ expected: String) -> TOMLError {
        TOMLError(position: cursor.position(), message: "found \(cursor.found()), expected \(expected)")
    }
}

/// Whether a byte is a control character that neither a comment nor a string may have as it is.
func isForbiddenControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09 || byte == 0x7F
}
