import SupdPlugin

/// The ends of an instance that were followed by a restart, for its policy: sixteen bytes each, at most
/// `RestartHistory.capacity` of them, and no memory at all before the first.
struct EndLog: Sendable {
    struct Entry: Sendable {
        var at: MonotonicInstant
        var ranForMilliseconds: UInt32
        var wasFailure: Bool
        var wasDelayed: Bool
    }

    /// Oldest first.
    private(set) var entries: [Entry] = []

    /// Notes an end; the oldest goes where there is no room.
    mutating func note(ranFor: Duration, wasFailure: Bool, wasDelayed: Bool, now: MonotonicInstant) {
        if entries.count >= RestartHistory.capacity {
            entries.removeFirst(entries.count - RestartHistory.capacity + 1)
        }
        let milliseconds = UInt32(clamping: ranFor.clampedNanoseconds / 1_000_000)
        entries.append(
            Entry(at: now, ranForMilliseconds: milliseconds, wasFailure: wasFailure, wasDelayed: wasDelayed))
    }

    /// Forgets all of them, and gives their memory back.
    mutating func clear() { entries = [] }

    /// What a policy is shown.
    func history(restarts: Int, now: MonotonicInstant) -> RestartHistory {
        let ends = entries.reversed().map { entry in
            PastEnd(
                ago: max(now.duration(since: entry.at), .zero), ranFor: .milliseconds(Int64(entry.ranForMilliseconds)),
                wasFailure: entry.wasFailure, wasDelayed: entry.wasDelayed)
        }
        return RestartHistory(ends: ends, restarts: restarts)
    }
}
