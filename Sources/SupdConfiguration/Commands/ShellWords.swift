/// Splits a command into words as a POSIX shell does (sh(1), "Quoting"), though no shell ever runs: single quotes,
/// double quotes and backslashes group, everything that would need a shell is an error.
///
/// The words still take `$VAR` afterwards, and mean by it what the shell's would: what single quotes or a backslash
/// protect comes out as `$$`, and a variable that is only part of a word, or stands in double quotes, as `${VAR}`, which
/// never makes several words.
struct ShellWords {
    /// Why a text is no command.
    enum Fault: Error, Hashable, CustomStringConvertible {
        case unterminatedQuote(Character)
        case trailingBackslash
        case shellSyntax(String)

        /// What is wrong and what to do, as half a sentence.
        var description: String {
            switch self {
            case .unterminatedQuote(let quote): "the quotation mark \(quote) is never closed"
            case .trailingBackslash: "it ends in a backslash that protects nothing"
            case .shellSyntax(let found):
                "no shell runs, so '\(found)' would be an argument: quote it if it is meant to be one, "
                    + "or write [\"/bin/sh\", \"-c\", \"…\"]"
            }
        }
    }

    /// The words of `text`; none where it is blank.
    static func split(_ text: String) throws(Fault) -> [String] {
        var splitter = ShellWords(text)
        return try splitter.run()
    }

    private let bytes: [UInt8]
    private var position = 0
    private var words: [String] = []
    private var word: [UInt8] = []
    /// Quotes make a word even where there is nothing in them.
    private var inWord = false

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    private mutating func run() throws(Fault) -> [String] {
        while let byte = next() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                endWord()
            case UInt8(ascii: "'"):
                try singleQuoted()
            case UInt8(ascii: "\""):
                try doubleQuoted()
            case UInt8(ascii: "\\"):
                try escaped()
            case UInt8(ascii: "|"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: ";"),
                UInt8(ascii: "`"):
                throw .shellSyntax(String(UnicodeScalar(byte)))
            case UInt8(ascii: "$"):
                try dollar(inQuotes: false)
            default:
                append(byte)
            }
        }
        endWord()
        return words
    }

    private mutating func singleQuoted() throws(Fault) {
        inWord = true
        while let byte = next() {
            if byte == UInt8(ascii: "'") { return }
            appendLiteral(byte)
        }
        throw .unterminatedQuote("'")
    }

    private mutating func doubleQuoted() throws(Fault) {
        inWord = true
        while let byte = next() {
            switch byte {
            case UInt8(ascii: "\""):
                return
            case UInt8(ascii: "`"):
                throw .shellSyntax("`")
            case UInt8(ascii: "$"):
                try dollar(inQuotes: true)
            case UInt8(ascii: "\\"):
                guard let following = next() else { throw .unterminatedQuote("\"") }
                switch following {
                case UInt8(ascii: "\n"): break
                case UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    appendLiteral(following)
                default:
                    append(byte)
                    append(following)
                }
            default:
                append(byte)
            }
        }
        throw .unterminatedQuote("\"")
    }

    /// After an unquoted backslash: the next character is itself, and a line that ends in one goes on.
    private mutating func escaped() throws(Fault) {
        guard let byte = next() else { throw .trailingBackslash }
        if byte != UInt8(ascii: "\n") { appendLiteral(byte) }
    }

    /// After a dollar sign that is not protected.
    private mutating func dollar(inQuotes: Bool) throws(Fault) {
        switch peek() {
        case UInt8(ascii: "("):
            throw .shellSyntax("$(")
        case UInt8(ascii: "$"), UInt8(ascii: "{"):
            append(UInt8(ascii: "$"))
            if let byte = next() { append(byte) }
        case let first? where VariableName.isStart(first):
            let startsWord = !inWord
            let name = bytes[position...].prefix { VariableName.isPart($0) }
            position = name.endIndex
            if !inQuotes, startsWord, endsWord(peek()) {
                append(UInt8(ascii: "$"))
                name.forEach { append($0) }
            } else {
                Array("${".utf8).forEach { append($0) }
                name.forEach { append($0) }
                append(UInt8(ascii: "}"))
            }
        default:
            appendLiteral(UInt8(ascii: "$"))
        }
    }

    private func endsWord(_ byte: UInt8?) -> Bool {
        guard let byte else { return true }
        return [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(byte)
    }

    private func peek() -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func next() -> UInt8? {
        guard let byte = peek() else { return nil }
        position += 1
        return byte
    }

    private mutating func append(_ byte: UInt8) {
        word.append(byte)
        inWord = true
    }

    /// A byte that no later expansion may take for its own.
    private mutating func appendLiteral(_ byte: UInt8) {
        if byte == UInt8(ascii: "$") { append(byte) }
        append(byte)
    }

    private mutating func endWord() {
        guard inWord else { return }
        words.append(String(decoding: word, as: UTF8.self))
        word.removeAll(keepingCapacity: true)
        inWord = false
    }
}
