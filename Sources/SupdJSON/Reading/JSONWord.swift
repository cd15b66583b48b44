internal import Glibc

/// A string as it stands in a text, a key or a value: who only asks whether it is one that he knows has none made of it.
package struct JSONWord {
    private let token: JSONReader.StringToken
    /// Where it begins, in bytes from the beginning of the text.
    private let offset: Int

    init(_ token: JSONReader.StringToken, at offset: Int) {
        self.token = token
        self.offset = offset
    }

    /// The string.
    package var text: String { token.text }

    /// Whether it is `word`, which is ASCII.
    package func isExactly(_ word: StaticString) -> Bool {
        switch token {
        case .plain(let start, let count):
            count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
        case .decoded(let text): text.isExactly(word.description)
        }
    }

    /// Which of the words in `list` it is, by its place there; nil for none.
    package func place(in list: JSONWordList) -> Int? {
        switch token {
        case .plain(let start, let count): return list.place(of: UnsafeRawBufferPointer(start: start, count: count))
        case .decoded(var text):
            return text.withUTF8 { list.place(of: UnsafeRawBufferPointer($0)) }
        }
    }

    /// The error of an object that has it a second time as a key.
    package var isThereTwice: JSONParseError { JSONParseError(offset: offset, reason: .duplicateKey(text)) }
}
