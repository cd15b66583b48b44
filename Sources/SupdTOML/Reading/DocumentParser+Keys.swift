extension DocumentParser {
    /// A key, dotted or not, and the blanks behind it.
    mutating func dottedKey() throws(TOMLError) -> DottedKey {
        var path = DottedKey(try key())
        while true {
            cursor.skipSpace()
            guard cursor.skip(UInt8(ascii: ".")) else { return path }
            cursor.skipSpace()
            path.append(try key())
        }
    }

    /// The value of `key = value` in a table; the cursor is behind the key.
    mutating func valueAfterEquals(_ path: DottedKey, of table: TableBuilder) throws(TOMLError) -> TOMLNode {
        guard cursor.skip(UInt8(ascii: "=")) else { throw unexpected("'=' after the key \(shown(path))") }
        cursor.skipSpace()
        return try value(of: path, inside: table.depth + path.tables.count)
    }

    private mutating func key() throws(TOMLError) -> TOMLKey {
        let position = cursor.position()
        switch cursor.peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            if cursor.isAt("\"\"\"") || cursor.isAt("'''") {
                throw unexpected("a key with one quotation mark at each end")
            }
            return TOMLKey(name: try string(), position: position)
        default:
            let start = cursor.offset
            while let byte = cursor.peek(), isBareKeyByte(byte) { cursor.advance() }
            guard cursor.offset > start else {
                throw unexpected("a key (A-Z, a-z, 0-9, '_' and '-', or any text in quotation marks)")
            }
            return TOMLKey(
                name: String(decoding: cursor.bytes[start..<cursor.offset], as: UTF8.self), position: position)
        }
    }
}
