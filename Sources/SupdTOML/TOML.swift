/// TOML 1.0.0 (https://toml.io/en/v1.0.0), with the place of every key and value.
///
/// No input traps, time is linear in its length, and what is too much is refused by ``maximumBytes`` and
/// ``maximumDepth``.
package enum TOML {
    /// Bytes of a document.
    package static let maximumBytes = 4 << 20
    /// Tables and arrays inside each other, those that a dotted key makes included.
    package static let maximumDepth = 64
    /// Errors of one document; with the last of them reading stops.
    package static let maximumErrors = 100

    /// Reads a document, all or nothing; throws the first error in the text.
    package static func parse(_ bytes: [UInt8]) throws(TOMLError) -> TOMLTable {
        let (table, errors) = parseAll(bytes)
        if let first = errors.first { throw first }
        return table
    }

    /// Reads a document, all or nothing; throws the first error in the text.
    package static func parse(_ text: String) throws(TOMLError) -> TOMLTable {
        try parse(Array(text.utf8))
    }

    /// Reads a document as far as it can be read: after an error it goes on at the next line that begins a statement.
    ///
    /// The errors are in the order of the text. The table has what could be read, so that its content can be checked in
    /// the same pass; where a line was left out, ``TOMLTable/isComplete`` of its table is false, and of a key set twice
    /// the first value stays, and the others are in ``TOMLTable/repetitions``.
    package static func parseAll(_ bytes: [UInt8]) -> (table: TOMLTable, errors: [TOMLError]) {
        var parser = DocumentParser(bytes)
        return parser.document()
    }

    /// Reads a document as far as it can be read; see ``parseAll(_:)-([UInt8])``.
    package static func parseAll(_ text: String) -> (table: TOMLTable, errors: [TOMLError]) {
        parseAll(Array(text.utf8))
    }
}
