extension DocumentParser {
    /// A value of a key, or an element of an array that the key is set to, in a table or array of this depth.
    mutating func value(of path: DottedKey, inside depth: Int) throws(TOMLError) -> TOMLNode {
        let position = cursor.position()
        switch cursor.peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return TOMLNode(value: .string(try string()), position: position)
        case UInt8(ascii: "["):
            return TOMLNode(value: .array(try array(path, inside: depth)), position: position)
        case UInt8(ascii: "{"):
            return TOMLNode(value: .table(try inlineTable(path, inside: depth)), position: position)
        default:
            return TOMLNode(value: try scalar(path), position: position)
        }
    }

    private mutating func array(_ path: DottedKey, inside depth: Int) throws(TOMLError) -> [TOMLNode] {
        try enter(depth + 1)
        var elements: [TOMLNode] = []
        while true {
            try skipLines()
            if cursor.skip(UInt8(ascii: "]")) { break }
            if cursor.peek() == UInt8(ascii: ",") { throw unexpected("a value or ']' in the array of \(shown(path))") }
            elements.append(try value(of: path, inside: depth + 1))
            try skipLines()
            if cursor.skip(UInt8(ascii: ",")) { continue }
            guard cursor.skip(UInt8(ascii: "]")) else { throw unexpected("',' or ']' in the array of \(shown(path))") }
            break
        }
        open.removeLast()
        return elements
    }

    private mutating func inlineTable(_ path: DottedKey, inside depth: Int) throws(TOMLError) -> TOMLTable {
        let table = TableBuilder(origin: .header, position: cursor.position(), depth: depth + 1)
        try enter(depth + 1)
        cursor.skipSpace()
        var isFirst = true
        while !(isFirst && cursor.skip(UInt8(ascii: "}"))) {
            isFirst = false
            if cursor.isAtLineEnd || cursor.peek() == UInt8(ascii: "}") {
                throw unexpected("a key, as an inline table is on one line and has no comma behind its last value")
            }
            let key = try dottedKey()
            let node = try valueAfterEquals(key, of: table)
            do throws(PathError) {
                try table.set(key, to: node)
            } catch {
                report(TOMLError(error))
            }
            cursor.skipSpace()
            if cursor.skip(UInt8(ascii: ",")) {
                cursor.skipSpace()
                continue
            }
            guard cursor.skip(UInt8(ascii: "}")) else {
                throw unexpected("',' or '}' in the inline table of \(shown(path))")
            }
            break
        }
        open.removeLast()
        return table.finished()
    }

    /// Steps into an array or an inline table of this depth.
    private mutating func enter(_ depth: Int) throws(TOMLError) {
        let position = cursor.position()
        guard let byte = cursor.peek(), depth <= TOML.maximumDepth else {
            throw TOMLError(position: position, message: "nested deeper than \(TOML.maximumDepth) levels")
        }
        open.append(OpenBracket(byte: byte, position: position))
        cursor.advance()
    }

    /// Steps over blanks, comments and ends of lines, which an array may have between its parts.
    private mutating func skipLines() throws(TOMLError) {
        repeat {
            cursor.skipSpace()
            skipComment()
        } while cursor.skipNewline()
    }

    /// A value that is neither string, array nor inline table: all bytes up to what can end one.
    private mutating func scalar(_ path: DottedKey) throws(TOMLError) -> TOMLValue {
        let position = cursor.position()
        let start = cursor.offset
        skipWord()
        guard cursor.offset > start else { throw unexpected("a value for \(shown(path))") }
        if ScalarSyntax.isDate(cursor.bytes[start..<cursor.offset]), cursor.peek() == 0x20,
            ScalarSyntax.beginsTime(cursor.bytes[(cursor.offset + 1)...])
        {
            cursor.advance()
            skipWord()
        }
        do throws(ScalarSyntax.Malformed) {
            return try ScalarSyntax.value(of: cursor.bytes[start..<cursor.offset])
        } catch {
            throw TOMLError(position: position, message: error.message)
        }
    }

    private mutating func skipWord() {
        while !cursor.isAtLineEnd, let byte = cursor.peek() {
            switch byte {
            case 0x20, 0x09, 0x0D, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"),
                UInt8(ascii: "="), UInt8(ascii: "["), UInt8(ascii: "{"):
                return
            default: cursor.advance()
            }
        }
    }
}
