/// Bytes that wait for room, first in first out, in one flat buffer.
struct PendingBytes {
    private var bytes: [UInt8] = []
    private var taken = 0

    /// How many wait.
    var count: Int { bytes.count - taken }
    /// Whether none wait.
    var isEmpty: Bool { taken == bytes.count }
    /// How many lines wait; the rest of one counts.
    var lineCount: Int { withBytes { $0.lineCount } }

    /// Adds to the end.
    mutating func append(_ more: UnsafeRawBufferPointer) {
        if taken > bytes.count / 2 {
            bytes.removeSubrange(..<taken)
            taken = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Takes `count` bytes from the front; the buffer is given back with the last of them.
    mutating func drop(_ count: Int) {
        taken += min(count, self.count)
        if isEmpty { self = PendingBytes() }
    }

    /// Calls `body` with all that waits.
    func withBytes<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        bytes.withUnsafeBytes { body($0.part(taken..<bytes.count)) }
    }
}
