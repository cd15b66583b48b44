/// Mistakes inside a string are reported and read over: where it ends is still known, and the rest of its line is worth
/// reading. Only a string without an end is thrown.
extension DocumentParser {
    /// A string of any of the four kinds; the cursor is at its opening quotation mark.
    mutating func string() throws(TOMLError) -> String {
        if cursor.isAt("\"\"\"") { return try longString("\"\"\"", escapes: true) }
        if cursor.isAt("'''") { return try longString("'''", escapes: false) }
        return try shortString()
    }

    /// The text of content that was read between two places of one line; what is not UTF-8 is reported.
    ///
    /// An escape stands for whole characters, so that the text of the file is wrong where the content is.
    mutating func text(_ content: some Collection<UInt8>, from start: Cursor, to end: Cursor? = nil) -> String {
        if let text = String(validating: content, as: UTF8.self) { return text }
        var place = start
        place.advance(validPrefix(of: cursor.bytes[start.offset..<(end ?? cursor).offset]))
        report(TOMLError(position: place.position(), message: "found \(place.found()), expected UTF-8"))
        return String(decoding: content, as: UTF8.self)
    }

    private mutating func shortString() throws(TOMLError) -> String {
        let position = cursor.position()
        let quote = cursor.peek() ?? UInt8(ascii: "\"")
        cursor.advance()
        if let text = cursor.skipPlainText(before: quote) { return text }
        let start = cursor
        var content: [UInt8] = []
        var mistake: TOMLError?
        while !cursor.isAtLineEnd, let byte = cursor.peek() {
            if byte == quote {
                let text = text(content, from: start)
                cursor.advance()
                if let mistake { report(mistake) }
                return text
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                escape(into: &content, &mistake)
            } else {
                take(byte, into: &content, &mistake)
            }
        }
        throw TOMLError(
            position: position,
            message: "the string is not closed: found \(cursor.found()), expected \(Character(UnicodeScalar(quote)))")
    }

    private mutating func longString(_ quotes: StaticString, escapes: Bool) throws(TOMLError) -> String {
        let opening = cursor
        let errorsBefore = errors.count
        cursor.advance(3)
        // A newline right behind the opening is no content.
        _ = cursor.skipNewline()
        var start = cursor
        var content: [UInt8] = []
        var text = ""
        var mistake: TOMLError?
        while let byte = cursor.peek() {
            if cursor.isAt(quotes) {
                // One or two quotation marks may stand before the closing three.
                for _ in 0..<2 where cursor.peek(3) == byte {
                    content.append(byte)
                    cursor.advance()
                }
                text += self.text(content, from: start)
                cursor.advance(3)
                if let mistake { report(mistake) }
                return text
            }
            let isBackslash = escapes && byte == UInt8(ascii: "\\")
            let line = cursor
            if isBackslash ? skipLineContinuation() : cursor.skipNewline() {
                if !isBackslash { content.append(0x0A) }
                // Line by line, so that the place of what is not UTF-8 is known.
                text += self.text(content, from: start, to: line)
                content.removeAll(keepingCapacity: true)
                start = cursor
            } else if isBackslash {
                escape(into: &content, &mistake)
            } else {
                take(byte, into: &content, &mistake)
            }
        }
        dropErrors(from: errorsBefore)
        cursor = opening
        let error = TOMLError(
            position: cursor.position(),
            message: "the string is not closed: found the end of the file, expected \(quotes)")
        cursor.advance(3)
        isInLongString = true
        throw error
    }

    private mutating func take(_ byte: UInt8, into content: inout [UInt8], _ mistake: inout TOMLError?) {
        if isForbiddenControl(byte), mistake == nil {
            mistake = unexpected("no control character but a tab in a string, unless written as an escape")
        }
        content.append(byte)
        cursor.advance()
    }

    /// A backslash at the end of a line of a long string: it, the newline and all blanks and newlines behind are no
    /// content.
    private mutating func skipLineContinuation() -> Bool {
        let backslash = cursor
        cursor.advance()
        cursor.skipSpace()
        guard cursor.skipNewline() else {
            cursor = backslash
            return false
        }
        repeat { cursor.skipSpace() } while cursor.skipNewline()
        return true
    }
}
