internal import Glibc

/// The key of a member, as it stands in the text: who only asks whether it is one that he knows has no string made of it.
package struct JSONKey {
    private let token: JSONReader.StringToken
    /// Where it begins, in bytes from the beginning of the text.
    private let offset: Int

    init(_ token: JSONReader.StringToken, at offset: Int) {
        self.token = token
        self.offset = offset
    }

    /// The key.
    package var text: String { token.text }

    /// Whether it is `word`, which is ASCII.
    package func isExactly(_ word: StaticString) -> Bool {
        switch token {
        case .plain(let start, let count):
            count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
        case .decoded(let text): text.isExactly(word.description)
        }
    }

    /// The error of an object that has it a second time.
    package var isThereTwice: JSONParseError { JSONParseError(offset: offset, reason: .duplicateKey(text)) }
}
