import DequeModule

/// Bytes that wait for room, first in first out, in one flat buffer.
struct PendingBytes {
    private var bytes: [UInt8] = []
    private var taken = 0
    /// How many were dropped off the front so far.
    private var passed = 0
    /// The pieces of the daemon's own among them: where each ends, counted from the first byte ever, and how long it is.
    private var ownPieces: Deque<(end: Int, count: Int)> = []
    /// How many bytes of them are the daemon's own; a piece counts until the last byte of it is gone.
    private(set) var ownCount = 0

    /// How many wait.
    var count: Int { bytes.count - taken }
    /// Whether none wait.
    var isEmpty: Bool { taken == bytes.count }
    /// How many lines wait; the rest of one counts.
    var lineCount: Int { withBytes { $0.lineCount } }

    /// Adds to the end.
    mutating func append(_ more: UnsafeRawBufferPointer, isOwn: Bool = false) {
        if taken > bytes.count / 2 {
            bytes.removeSubrange(..<taken)
            taken = 0
        }
        bytes.append(contentsOf: more)
        guard isOwn else { return }
        ownPieces.append((end: passed + count, count: more.count))
        ownCount += more.count
    }

    /// Takes `count` bytes from the front; the buffer is given back with the last of them.
    mutating func drop(_ count: Int) {
        let count = min(count, self.count)
        taken += count
        passed += count
        while let first = ownPieces.first, first.end <= passed {
            ownCount -= first.count
            ownPieces.removeFirst()
        }
        if isEmpty { self = PendingBytes() }
    }

    /// Calls `body` with all that waits.
    func withBytes<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        bytes.withUnsafeBytes { body($0.part(taken..<bytes.count)) }
    }
}
