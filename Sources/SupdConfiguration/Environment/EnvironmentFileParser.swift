/// Reads an `environment_files` file (systemd.exec(5), EnvironmentFile=): `NAME=value` lines, comments after `#` and
/// `;`, single and double quotes around parts of a value, a backslash before a line's end to go on in the next.
///
/// Lines without `=` are left out, as systemd does, and so is one whose name is none (`export NAME` is none), which is
/// told. A quote that is never closed, a NUL byte and what is not UTF-8 are errors, since a service should not run with half of what was written.
struct EnvironmentFileParser {
    /// Why a file could not be taken, and the line where it was noticed.
    struct Fault: Error, Hashable {
        var line: Int
        var message: String
    }

    /// What a file has.
    struct Contents {
        /// The variables in their order; a name may come twice.
        var variables: [(name: String, value: String)] = []
        /// The lines, from 1, that have something before `=` that is no name.
        var ignored: [Int] = []
    }

    /// Why one is, and so many others. Not what it says: a secret that goes on in a second line has its end there.
    static func whyIgnored(andMore more: Int = 0) -> String {
        "the line is ignored\(more > 0 ? ", and \(more) more like it" : ""): before '=' must be the name of a "
            + "variable (letters, digits and _, no digit first), and nothing else such as 'export'"
    }

    /// Reads all of a file.
    static func parse(_ bytes: [UInt8]) throws(Fault) -> Contents {
        var parser = EnvironmentFileParser(bytes: bytes)
        while try parser.line() {}
        return parser.contents
    }

    private let bytes: [UInt8]
    private var position = 0
    private var lineNumber = 1
    private var contents = Contents()

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        // Of an editor that saves carriage returns, too, which end lines here.
        if bytes.starts(with: "\u{FEFF}".utf8) { position = 3 }
    }

    /// Reads one line, or several that belong together; false at the end.
    private mutating func line() throws(Fault) -> Bool {
        while let byte = peek(), Self.isBlank(byte) || Self.isNewline(byte) { advance() }
        guard let first = peek() else { return false }
        if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") {
            skipLine()
            return true
        }
        let start = position
        while let byte = peek(), !Self.isNewline(byte), byte != UInt8(ascii: "=") { advance() }
        guard peek() == UInt8(ascii: "=") else { return true }
        let line = lineNumber
        var key = bytes[start..<position]
        while let last = key.last, Self.isBlank(last) { key.removeLast() }
        advance()
        let name = String(decoding: key, as: UTF8.self)
        // What belongs to it goes with it, in the lines after it too.
        let value = try value()
        guard VariableName.isValid(name) else {
            contents.ignored.append(line)
            return true
        }
        guard !value.contains(0) else { throw Fault(line: line, message: "the value of '\(name)' has a NUL byte") }
        guard let text = String(validating: value, as: UTF8.self) else {
            throw Fault(line: line, message: "the value of '\(name)' is not UTF-8")
        }
        contents.variables.append((name, text))
        return true
    }

    /// The value after `=`, up to the end of its line. Quotes count only where a value or the part after a quoted part
    /// begins; elsewhere they are letters.
    private mutating func value() throws(Fault) -> [UInt8] {
        var value: [UInt8] = []
        // How much of the value stays when blanks at its end are cut off.
        var kept = 0
        var atStart = true
        while let byte = peek() {
            if Self.isNewline(byte) { break }
            if atStart, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                try quotedPart(byte, into: &value)
                kept = value.count
                continue
            }
            advance()
            if byte == UInt8(ascii: "\\") {
                atStart = false
                guard let following = peek() else { break }
                advance()
                if !Self.isNewline(following) { value.append(following) }
                kept = value.count
            } else if !Self.isBlank(byte) {
                atStart = false
                value.append(byte)
                kept = value.count
            } else if !atStart {
                value.append(byte)
            }
        }
        return Array(value.prefix(kept))
    }

    private mutating func quotedPart(_ quote: UInt8, into value: inout [UInt8]) throws(Fault) {
        let line = lineNumber
        advance()
        while let byte = peek() {
            advance()
            if byte == quote { return }
            guard quote == UInt8(ascii: "\""), byte == UInt8(ascii: "\\") else {
                value.append(byte)
                continue
            }
            guard let following = peek() else { break }
            advance()
            switch following {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "`"), UInt8(ascii: "$"): value.append(following)
            case UInt8(ascii: "\n"): break
            default: value += [byte, following]
            }
        }
        throw Fault(line: line, message: "a quotation mark is never closed")
    }

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func advance() {
        if bytes[position] == UInt8(ascii: "\n") { lineNumber += 1 }
        position += 1
    }

    private mutating func skipLine() {
        while let byte = peek(), !Self.isNewline(byte) { advance() }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    private static func isNewline(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
}
