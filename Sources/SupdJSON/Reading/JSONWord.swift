/// A string as it stands in a text, a key or a value: who only asks whether it is one that he knows has none made of it. The text has to stay
/// where it is.
package struct JSONWord {
    /// What stands between its quotes, which was read to its end.
    let bytes: UnsafeRawBufferPointer
    /// Whether that is just what it says: ASCII without an escape.
    private let isPlain: Bool

    init(_ bytes: UnsafeRawBufferPointer, isPlain: Bool) {
        self.bytes = bytes
        self.isPlain = isPlain
    }

    /// The string.
    package var text: String {
        guard let start = bytes.baseAddress, !isPlain else { return String(ascii: bytes) }
        let quoted = UnsafeRawBufferPointer(start: start - 1, count: bytes.count + 2)
        var reader = JSONReader(bytes: quoted, limits: .document)
        // It was read before.
        return (try? reader.string()) ?? ""
    }

    /// Which of the words in `list` it is, by its place there; nil for none.
    @inline(__always)
    package func place(in list: JSONWordList) -> Int? {
        isPlain ? list.place(of: bytes) : placeOfText(in: list)
    }

    @inline(never)
    private func placeOfText(in list: JSONWordList) -> Int? {
        var text = text
        return text.withUTF8 { list.place(of: UnsafeRawBufferPointer($0)) }
    }
}
