internal import Glibc

/// Words that texts are expected to have.
package struct JSONWordList: Sendable {
    /// All of them, one behind the other, and where each ends.
    private let bytes: [UInt8]
    private let ends: [Int]

    /// These words, none of them empty; where one is there twice it is the first of them.
    package init(_ words: [String]) {
        var bytes: [UInt8] = []
        ends = words.map {
            bytes += $0.utf8
            return bytes.count
        }
        self.bytes = bytes
    }

    @inline(__always)
    func place(of word: UnsafeRawBufferPointer) -> Int? {
        // An empty text may be nowhere, and is none of them.
        guard let text = word.baseAddress, !word.isEmpty else { return nil }
        return bytes.withUnsafeBytes { bytes in
            var start = 0
            for place in ends.indices {
                let end = ends[place]
                if end - start == word.count, memcmp(bytes.baseAddress! + start, text, word.count) == 0 { return place }
                start = end
            }
            return nil
        }
    }
}
