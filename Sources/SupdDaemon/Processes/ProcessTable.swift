import SupdEngine
import SupdHost
import SupdPlugin

/// The processes that the daemon has started: whose each is, which are to be started, which have ended and are not told yet, and whose
/// trees are to be looked at.
struct ProcessTable {
    /// Whose a process is.
    enum Owner {
        /// The main process of an instance.
        case main(InstanceID)
        /// What was started as the main process of an instance, and is not that any more (`MAINPID=`).
        case former(InstanceID)
        /// A command of a service, by the number of its run.
        case command(Int)
        /// A program of a plugin, by its number.
        case program(Int)
    }

    private var owners: [ProcessHandle: Owner] = [:]
    /// Attempts whose programs are to be started, first come first served.
    private var queue: [(instance: InstanceID, attempt: UInt64)] = []
    /// Whose the spawns are that are not back.
    var pending: [SpawnID: PendingSpawn] = [:]
    /// Main processes that were reaped in this turn.
    private var ended: [(instance: InstanceID, attempt: UInt64, outcome: ExitOutcome)] = []
    /// Instances whose trees are to be looked at.
    private var examinations: [InstanceID] = []
    /// What instances have left running (`keepLeftRunning`).
    var leftRunning: [InstanceID: LeftRunning] = [:]
    /// What instances left behind when they ended well, and was stopped (`tellStopped`).
    var stoppedAfterEnd: [InstanceID: StoppedAfterEnd] = [:]

    // MARK: Whose a process is

    /// Whose it is; nil of one that is nobody's, or was reaped.
    subscript(process: ProcessHandle) -> Owner? { owners[process] }

    mutating func add(_ process: ProcessHandle, of owner: Owner) { owners[process] = owner }
    mutating func remove(_ process: ProcessHandle) { owners[process] = nil }

    // MARK: What is to be started

    var hasQueued: Bool { !queue.isEmpty }

    mutating func enqueue(_ instance: InstanceID, attempt: UInt64) { queue.append((instance, attempt)) }

    /// Takes out as many as are to have their turn now; the others stay.
    mutating func takeQueued(atMost limit: Int) -> [(instance: InstanceID, attempt: UInt64)] {
        let taken = Array(queue.prefix(limit))
        queue.removeFirst(taken.count)
        return taken
    }

    /// Puts back those that had no turn after all.
    mutating func putBack(_ rest: some Collection<(instance: InstanceID, attempt: UInt64)>) {
        queue.insert(contentsOf: rest, at: 0)
    }

    mutating func clearQueue() { queue = [] }

    // MARK: What has ended

    mutating func note(_ instance: InstanceID, attempt: UInt64, ended outcome: ExitOutcome) {
        ended.append((instance, attempt, outcome))
    }

    mutating func takeEnded() -> [(instance: InstanceID, attempt: UInt64, outcome: ExitOutcome)] {
        if ended.isEmpty { return [] }
        defer { ended.removeAll(keepingCapacity: true) }
        return ended
    }

    // MARK: What is to be looked at

    var hasExaminations: Bool { !examinations.isEmpty }

    mutating func examine(_ instance: InstanceID) { examinations.append(instance) }

    mutating func takeExaminations() -> [InstanceID] {
        if examinations.isEmpty { return [] }
        defer { examinations.removeAll(keepingCapacity: true) }
        return examinations
    }

    /// The instances that it has anything of, some more than once. For audits.
    var instances: [InstanceID] {
        let mains = owners.values.compactMap { owner in
            if case .main(let instance) = owner { instance } else { nil }
        }
        return mains + queue.map(\.instance) + ended.map(\.instance) + examinations + Array(leftRunning.keys)
            + Array(stoppedAfterEnd.keys)
    }

    /// An instance is gone for good.
    mutating func forget(_ instance: InstanceID) {
        leftRunning[instance] = nil
        stoppedAfterEnd[instance] = nil
    }
}
