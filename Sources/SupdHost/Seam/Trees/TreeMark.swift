/// A tree's `SUPD_INVOCATION`, as a hash (FNV-1a, 64 bits): enough to tell trees of one daemon apart, and eight
/// bytes for each service instead of a string. Zero is no mark.
package struct TreeMark: Hashable, Sendable {
    /// The hash.
    package var rawValue: UInt64

    /// The variable that carries it, with its equals sign.
    static let prefix = Array("SUPD_INVOCATION=".utf8)

    /// The mark of an invocation.
    static func of(_ invocation: some Sequence<UInt8>) -> TreeMark {
        var hash = MarkHash()
        for byte in invocation { hash.add(byte) }
        return hash.mark
    }
}

/// FNV-1a as the bytes come.
package struct MarkHash: Sendable {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of nothing yet.
    package init() {}

    /// Goes on with a piece of text.
    package mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
    }

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    mutating func add(_ number: Int64) { value = (value ^ UInt64(bitPattern: number)) &* 0x100_0000_01b3 }

    /// The mark of what has come.
    package var mark: TreeMark { TreeMark(rawValue: value == 0 ? 1 : value) }
}
