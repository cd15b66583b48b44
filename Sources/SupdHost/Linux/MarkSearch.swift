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
