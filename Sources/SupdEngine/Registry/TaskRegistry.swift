package import SupdPlugin

/// Everything in the daemon that has a lifetime, by name, and how long each part of it may still live.
///
/// 1. While the gate is open anybody may register. While draining only children of a live task may, in that task's
///    phase and under its deadline, at most `maximumGenerations` deep and `maximumDrainChildren` in a drain. Others
///    get `RegistrationRefusal`, an error, never silence.
/// 2. Drained means: not open, and empty but for what is left for a later phase.
package struct TaskRegistry: Sendable {
    /// How deep a task registered during a drain may be below one that was there before.
    package static let maximumGenerations = 3
    /// How many tasks may be registered during one drain.
    package static let maximumDrainChildren = 100

    /// Whether new tasks may come.
    package enum Gate: String, Hashable, Sendable {
        /// Anybody's.
        case open
        /// Only children of live tasks.
        case draining
        /// None.
        case closed
    }

    /// Whether new tasks may come.
    package private(set) var gate = Gate.open
    /// How many have completed since the drain began.
    package private(set) var completedInDrain = 0
    /// How many were cancelled in the drain.
    package private(set) var cancelledInDrain = 0
    /// What was given up, in the order it was.
    package private(set) var abandoned: [TaskRecord] = []

    /// Oldest first, as their numbers grow. One that has ended leaves a gap; gaps are closed when they are more than half.
    private var records: [TaskRecord] = []
    private var gaps = 0
    private var counts = [Int](repeating: 0, count: DrainPhase.allCases.count)
    private var nextID: UInt64 = 1
    /// Those of the tasks of instances.
    private var origins: [TaskOrigin] = []
    private var drainChildren = 0

    /// An empty registry, open.
    package init() {}

    /// Registers a task and answers its id. `file` and `line` are where in the source it was registered.
    /// Throws `RegistrationRefusal` by the rules above. What the daemon itself brings and the configuration bounds, a
    /// control connection or a service's hook, is let in also while draining (`isOwn`). A child is about the
    /// service of its parent, where it is about none of its own.
    package mutating func register(
        _ title: TaskTitle, kind: TaskKind, phase: DrainPhase, parent: TaskID? = nil, isOwn: Bool = false,
        now: MonotonicInstant,
        file: StaticString = #fileID, line: UInt32 = #line
    ) throws(RegistrationRefusal) -> TaskID {
        var title = title
        if title.service == nil { title.service = parent.flatMap { self.record($0)?.service } }
        var (phase, state, generation): (DrainPhase, TaskState, UInt8) = (phase, .running, 0)
        var deadline: MonotonicInstant?
        if gate != .open, !(gate == .draining && isOwn) {
            guard gate == .draining, let parent, let above = self.record(parent) else { throw .shuttingDown }
            guard Int(above.generation) < Self.maximumGenerations else {
                throw .tooDeep(limit: Self.maximumGenerations)
            }
            guard drainChildren < Self.maximumDrainChildren else { throw .tooMany(limit: Self.maximumDrainChildren) }
            drainChildren += 1
            (phase, state, generation) = (above.phase, above.state, above.generation + 1)
            deadline = above.deadline
        }
        let origin =
            title.index >= 0 && parent == nil
            ? origin(title.text, file, line)
            : TaskOrigin(title.text, file, line, parent: parent, generation: generation)
        var record = TaskRecord(
            id: TaskID(rawValue: nextID), title, kind: kind, phase: phase, state: state, registeredAt: now, from: origin
        )
        record.deadline = deadline
        nextID += 1
        records.append(record)
        counts[record.phase.rawValue] += 1
        return record.id
    }

    /// A task has ended. Nothing for one that is not there any more.
    package mutating func complete(_ id: TaskID) {
        if remove(id) != nil, gate != .open { completedInDrain += 1 }
    }

    /// Lets only children of live tasks in from now on. Nothing where it did already.
    package mutating func beginDrain() {
        if gate == .open { gate = .draining }
    }

    /// Lets everything in again: the drain was undone. What was counted of it is forgotten.
    package mutating func reopen() {
        gate = .open
        completedInDrain = 0
        cancelledInDrain = 0
        drainChildren = 0
        abandoned = []
        for place in records.indices {
            records[place].state = .running
            records[place].deadline = nil
        }
    }

    /// Lets nothing in any more.
    package mutating func close() { gate = .closed }

    /// The record of a task; nil once it has ended.
    package func record(_ id: TaskID) -> TaskRecord? { place(of: id).map { records[$0] } }

    /// Says until when one task has.
    package mutating func setDeadline(_ deadline: MonotonicInstant, of id: TaskID) {
        if let place = place(of: id) { records[place].deadline = deadline }
    }

    /// Gives up one task, and answers it. In a drain it is part of what was abandoned.
    package mutating func abandon(_ id: TaskID) -> TaskRecord? {
        guard let record = remove(id) else { return nil }
        if gate != .open { abandoned.append(record) }
        return record
    }

    /// Says until when the tasks of `phase` have.
    package mutating func setDeadline(_ deadline: MonotonicInstant, of phase: DrainPhase) {
        for place in places(in: phase) { records[place].deadline = deadline }
    }

    /// Marks one task as cancelled, which has until `deadline`: it is to be told. Nothing for one that is not there any more.
    package mutating func cancel(_ id: TaskID, deadline: MonotonicInstant) {
        guard let place = place(of: id) else { return }
        records[place].state = .cancelled
        records[place].deadline = deadline
    }

    /// Marks what still lives in `phase` as cancelled, and answers it: it is to be told.
    package mutating func cancel(phase: DrainPhase, deadline: MonotonicInstant) -> [TaskRecord] {
        var told: [TaskRecord] = []
        for place in places(in: phase) where records[place].state == .running {
            records[place].state = .cancelled
            records[place].deadline = deadline
            cancelledInDrain += 1
            told.append(records[place])
        }
        return told
    }

    /// Gives up what still lives in `phase`, and answers it.
    package mutating func abandon(phase: DrainPhase) -> [TaskRecord] {
        let left = places(in: phase).map { records[$0] }
        for record in left { _ = remove(record.id) }
        abandoned += left
        return left
    }

    /// How many live in `phase`.
    package func count(in phase: DrainPhase) -> Int { counts[phase.rawValue] }

    /// How many live at all.
    package var count: Int { records.count - gaps }

    /// All that live, oldest first.
    package var tasks: [TaskRecord] { records.filter(\.isLive) }

    /// The first `count` of them.
    package func oldest(_ count: Int) -> [TaskRecord] { Array(records.lazy.filter(\.isLive).prefix(count)) }

    /// The numbers of all that live, oldest first.
    package var taskIDs: [TaskID] { records.lazy.filter(\.isLive).map(\.id) }

    private mutating func origin(_ text: String, _ file: StaticString, _ line: UInt32) -> TaskOrigin {
        if let known = origins.first(where: { $0.isOf(text, file, line) }) { return known }
        let origin = TaskOrigin(text, file, line, parent: nil, generation: 0)
        origins.append(origin)
        return origin
    }

    private func places(in phase: DrainPhase) -> [Int] {
        guard count(in: phase) > 0 else { return [] }
        return records.indices.filter { records[$0].isLive && records[$0].phase == phase }
    }

    /// Where a task is that has not ended.
    private func place(of id: TaskID) -> Int? {
        var (low, high) = (0, records.count)
        while low < high {
            let middle = (low + high) / 2
            if records[middle].id.rawValue < id.rawValue { low = middle + 1 } else { high = middle }
        }
        return low < records.count && records[low].id == id && records[low].isLive ? low : nil
    }

    private mutating func remove(_ id: TaskID) -> TaskRecord? {
        guard let place = place(of: id) else { return nil }
        let record = records[place]
        counts[record.phase.rawValue] -= 1
        records[place].isLive = false
        gaps += 1
        if gaps > records.count / 2 {
            records.removeAll { !$0.isLive }
            gaps = 0
        }
        return record
    }
}
