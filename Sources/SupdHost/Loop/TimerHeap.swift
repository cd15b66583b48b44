internal import HeapModule
package import SupdPlugin

/// Deadlines by token, earliest first: what a host arms and disarms, and takes from when their time has come.
///
/// Arming and disarming cost O(log n) and O(1): what was disarmed or moved stays in the heap until it comes to the top
/// or until such leftovers outnumber the living, and is then dropped, so memory is bounded by twice the living.
package struct TimerHeap<Token: Hashable & Sendable>: Sendable {
    private struct Entry: Comparable {
        var deadline: MonotonicInstant
        /// Orders equal deadlines by when they were armed, and tells an entry from a later one of its token.
        var sequence: UInt64
        var token: Token

        static func < (lhs: Entry, rhs: Entry) -> Bool {
            lhs.deadline == rhs.deadline ? lhs.sequence < rhs.sequence : lhs.deadline < rhs.deadline
        }

        static func == (lhs: Entry, rhs: Entry) -> Bool { lhs.sequence == rhs.sequence }
    }

    private struct Living {
        var deadline: MonotonicInstant
        var sequence: UInt64
    }

    /// So few leftovers are not worth a rebuild.
    private static var toleratedLeftovers: Int { 64 }

    private var heap = Heap<Entry>()
    private var living = [Token: Living]()
    private var nextSequence: UInt64 = 0
    /// Whether what is on top is known to be living: that is asked in every turn.
    private var isTopLiving = false

    /// No deadlines.
    package init() {}

    /// How many tokens are armed.
    package var count: Int { living.count }

    /// How many entries are held for them; at most twice `count` and a few.
    var heldEntries: Int { heap.count }

    /// Sets the deadline of `token`. A second call with the same token moves it.
    package mutating func arm(_ token: Token, at deadline: MonotonicInstant) {
        if let already = living[token], already.deadline == deadline { return }
        nextSequence += 1
        isTopLiving = false
        living[token] = Living(deadline: deadline, sequence: nextSequence)
        heap.insert(Entry(deadline: deadline, sequence: nextSequence, token: token))
        dropLeftoversWhereMany()
    }

    /// Takes the deadline of `token` back. Nothing where it has none.
    package mutating func disarm(_ token: Token) {
        guard !living.isEmpty, living.removeValue(forKey: token) != nil else { return }
        isTopLiving = false
        dropLeftoversWhereMany()
    }

    /// The deadline of `token`, where it is armed.
    package func deadline(of token: Token) -> MonotonicInstant? { living[token]?.deadline }

    /// The earliest deadline, where there is one.
    package mutating func earliest() -> MonotonicInstant? {
        while let entry = heap.min {
            if isTopLiving || living[entry.token]?.sequence == entry.sequence {
                isTopLiving = true
                return entry.deadline
            }
            heap.removeMin()
        }
        return nil
    }

    /// Takes the earliest token whose deadline is not after `now`, and disarms it. Nil where none is due.
    package mutating func popDue(_ now: MonotonicInstant) -> Token? {
        guard let deadline = earliest(), deadline <= now, let entry = heap.popMin() else { return nil }
        living.removeValue(forKey: entry.token)
        isTopLiving = false
        return entry.token
    }

    private mutating func dropLeftoversWhereMany() {
        guard heap.count > 2 * living.count + Self.toleratedLeftovers else { return }
        heap = Heap(living.map { Entry(deadline: $1.deadline, sequence: $1.sequence, token: $0) })
    }
}
