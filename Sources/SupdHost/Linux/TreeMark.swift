/// A tree's `SUPD_INVOCATION`, as a hash (FNV-1a, 64 bits): enough to tell trees of one daemon apart, and eight
/// bytes for each service instead of a string. Zero is no mark.
struct TreeMark: Hashable, Sendable {
    var rawValue: UInt64

    /// The variable that carries it, with its equals sign.
    static let prefix = Array("SUPD_INVOCATION=".utf8)

    /// The mark of an invocation.
    static func of(_ invocation: some Sequence<UInt8>) -> TreeMark {
        var hash = MarkHash()
        for byte in invocation { hash.add(byte) }
        return hash.mark
    }

    /// The mark of the tree.
    static func of(_ tree: ProcessTree) -> TreeMark { of(tree.invocation.utf8) }
}

/// FNV-1a as the bytes come.
struct MarkHash {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    mutating func add(_ number: Int64) { value = (value ^ UInt64(bitPattern: number)) &* 0x100_0000_01b3 }

    var mark: TreeMark { TreeMark(rawValue: value == 0 ? 1 : value) }
}

/// Finds the mark in an environment that comes in pieces: `NAME=value` and a zero byte, again and again.
struct MarkSearch {
    private var matched = 0
    private var isSkipping = false
    private var hash = MarkHash()
    /// The value, as far as it is kept: no daemon's is longer.
    private(set) var value: [UInt8] = []
    private static let keptBytes = 1024
    /// The mark, once its value has ended.
    private(set) var found: TreeMark?

    /// Takes the next piece. The first entry of the name counts, as for getenv(3).
    mutating func add(_ bytes: some Sequence<UInt8>) {
        guard found == nil else { return }
        for byte in bytes {
            if byte == 0 {
                if matched == TreeMark.prefix.count, !isSkipping {
                    found = hash.mark
                    return
                }
                matched = 0
                isSkipping = false
            } else if isSkipping {
                continue
            } else if matched == TreeMark.prefix.count {
                hash.add(byte)
                if value.count < Self.keptBytes { value.append(byte) }
            } else if byte == TreeMark.prefix[matched] {
                matched += 1
            } else {
                isSkipping = true
            }
        }
    }
}
