import SupdPlugin

/// The ends of an instance that were followed by a restart, for its policy: 24 bytes each, at most
/// `RestartHistory.capacity` of them, and no memory at all before the first.
struct EndLog: Sendable {
    struct Entry: Sendable {
        /// An `ExitOutcome` without the texts of a start that failed, which have no limit.
        enum Outcome: Sendable {
            case exited(UInt8)
            case signaled(UInt8, coreDumped: Bool)
            case outOfMemory
            case unknown
            case spawnFailed(SpawnFailure.Stage, errno: UInt16)
        }

        var at: MonotonicInstant
        var ranForMilliseconds: UInt32
        var outcome: Outcome
        var command: ServiceCommand?
        var forced: ForcedEnd?
        var wasFailure: Bool
        var wasDelayed: Bool
    }

    /// Oldest first.
    private(set) var entries: [Entry] = []

    /// Notes an end; the oldest goes where there is no room.
    mutating func note(_ exit: ExitRecord, wasFailure: Bool, wasDelayed: Bool, now: MonotonicInstant) {
        if entries.count >= RestartHistory.capacity {
            entries.removeFirst(entries.count - RestartHistory.capacity + 1)
        }
        entries.append(
            Entry(
                at: now, ranForMilliseconds: UInt32(clamping: exit.ranFor.clampedNanoseconds / 1_000_000),
                outcome: Entry.Outcome(exit.outcome), command: exit.command, forced: exit.forced,
                wasFailure: wasFailure, wasDelayed: wasDelayed))
    }

    /// Forgets all of them, and gives their memory back.
    mutating func clear() { entries = [] }

    /// What a policy is shown.
    func history(restarts: Int, now: MonotonicInstant) -> RestartHistory {
        let ends = entries.reversed().map { entry in
            PastEnd(
                ago: max(now.duration(since: entry.at), .zero), outcome: entry.outcome.shown, command: entry.command,
                forced: entry.forced, ranFor: .milliseconds(Int64(entry.ranForMilliseconds)),
                wasFailure: entry.wasFailure, wasDelayed: entry.wasDelayed)
        }
        return RestartHistory(ends: ends, restarts: restarts)
    }
}

extension EndLog.Entry.Outcome {
    init(_ outcome: ExitOutcome) {
        self =
            switch outcome {
            case .exited(let code): .exited(UInt8(truncatingIfNeeded: code))
            case .signaled(let signal, let coreDumped):
                .signaled(UInt8(clamping: signal.rawValue), coreDumped: coreDumped)
            case .outOfMemory: .outOfMemory
            case .unknown: .unknown
            case .spawnFailed(let failure):
                .spawnFailed(failure.stage, errno: UInt16(clamping: failure.error.rawValue))
            }
    }

    /// As policies are shown it.
    var shown: ExitOutcome {
        switch self {
        case .exited(let code): .exited(code: Int32(code))
        // No number comes in that is no signal's.
        case .signaled(let number, let coreDumped):
            .signaled(Signal(rawValue: Int32(number)) ?? .kill, coreDumped: coreDumped)
        case .outOfMemory: .outOfMemory
        case .unknown: .unknown
        case .spawnFailed(let stage, let errno):
            .spawnFailed(SpawnFailure(stage: stage, error: ErrorNumber(Int32(errno)), subject: ""))
        }
    }
}
