/// Where reading goes on after a statement that could not be read.
extension DocumentParser {
    /// Reports an error of the statement that begins in `line` and steps to the next line that begins one; always at least to the next line.
    mutating func recover(from error: TOMLError, ofStatementAt line: Int) {
        defer {
            open.removeAll()
            isInLongString = false
        }
        if open.isEmpty || isInLongString {
            report(error)
            skipLine()
            if isInLongString { skipToStatement() }
            return
        }
        let failed = cursor
        if skipBrackets() {
            report(error)
            skipLine()
            return
        }
        // A bracket is missing. Where the line of the error is a statement by itself, the one before it lacks it.
        let start = failed.lineStart
        let isNextStatement = failed.line > line && looksLikeStatement(start)
        let unclosed = open.last { !isNextStatement || $0.position.line < failed.line }
        if let bracket = unclosed, isNextStatement || failed.isAtEnd {
            let name = bracket.byte == UInt8(ascii: "[") ? "array" : "inline table"
            let closing = bracket.byte == UInt8(ascii: "[") ? "]" : "}"
            let expected =
                isNextStatement
                ? "expected '\(closing)' before line \(failed.line)" : "found \(failed.found()), expected '\(closing)'"
            report(TOMLError(position: bracket.position, message: "the \(name) is not closed: \(expected)"))
        } else {
            report(error)
        }
        cursor = isNextStatement ? start : failed
        if !isNextStatement {
            skipLine()
            // An inline table is on one line, so that the next one is no part of it, whatever it looks like.
            if open.last?.byte == UInt8(ascii: "[") { skipToStatement() }
        }
    }

    private mutating func skipLine() {
        cursor.skipToLineEnd()
        _ = cursor.skipNewline()
    }

    private mutating func skipToStatement() {
        while !cursor.isAtEnd, !looksLikeStatement(cursor) { skipLine() }
    }

    /// Whether a line begins as `key =`, or is a header and nothing else.
    private func looksLikeStatement(_ line: Cursor) -> Bool {
        var trial = self
        trial.cursor = line
        trial.cursor.skipSpace()
        let closing: StaticString? = trial.cursor.isAt("[[") ? "]]" : trial.cursor.isAt("[") ? "]" : nil
        if let closing {
            trial.cursor.advance(closing.utf8CodeUnitCount)
            trial.cursor.skipSpace()
        }
        guard (try? trial.dottedKey()) != nil else { return false }
        guard let closing else { return trial.cursor.peek() == UInt8(ascii: "=") }
        guard trial.cursor.isAt(closing) else { return false }
        trial.cursor.advance(closing.utf8CodeUnitCount)
        trial.cursor.skipSpace()
        return trial.cursor.isAtLineEnd || trial.cursor.peek() == UInt8(ascii: "#")
    }

    /// Steps behind the bracket that closes the outermost open one. False where it seems to be missing: at the end of
    /// the text, at an `=` directly in an array, at a line that begins with `[` directly in an inline table, and where
    /// none is near.
    private mutating func skipBrackets() -> Bool {
        var brackets = open.map(\.byte)
        let farthest = cursor.offset + 65_536
        var isLineBeginning = false
        while let byte = cursor.peek(), let innermost = brackets.last, cursor.offset < farthest {
            if cursor.skipNewline() {
                isLineBeginning = true
                continue
            }
            switch byte {
            case UInt8(ascii: "#"):
                cursor.skipToLineEnd()
                continue
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard skipString() else { return false }
                continue
            case UInt8(ascii: "="):
                if innermost == UInt8(ascii: "[") { return false }
            case UInt8(ascii: "["):
                if isLineBeginning, innermost == UInt8(ascii: "{") { return false }
                brackets.append(byte)
            case UInt8(ascii: "{"):
                brackets.append(byte)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                let opening = byte == UInt8(ascii: "]") ? UInt8(ascii: "[") : UInt8(ascii: "{")
                if let place = brackets.lastIndex(of: opening) { brackets.removeSubrange(place...) }
            default: break
            }
            if byte != 0x20, byte != 0x09 { isLineBeginning = false }
            cursor.advance()
        }
        return brackets.isEmpty
    }

    /// Steps over a string; one that is not closed on its line ends there.
    private mutating func skipString() -> Bool {
        var trial = self
        do throws(TOMLError) {
            _ = try trial.string()
            cursor = trial.cursor
            return true
        } catch {
            if trial.isInLongString { return false }
            cursor.skipToLineEnd()
            return true
        }
    }
}
