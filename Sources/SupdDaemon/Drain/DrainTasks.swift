import SupdEngine
import SupdHost
import SupdPlugin

/// Every task that a drain waits for, and the gate before them.
final class DrainTasks {
    private let host: any Host
    private let log: DaemonLog
    private(set) var registry = TaskRegistry()

    /// None yet, and the gate is open.
    init(_ seam: any Seam) {
        host = seam.host
        log = seam.log
    }

    var count: Int { registry.count }
    /// All that live, oldest first.
    var all: [TaskRecord] { registry.tasks }
    /// Their numbers.
    var ids: [TaskID] { registry.taskIDs }

    /// The record of a task; nil once it has ended.
    subscript(task: TaskID) -> TaskRecord? { registry.record(task) }

    /// Whether a task was told that its time is over.
    func isCancelled(_ task: TaskID) -> Bool { registry.record(task)?.state == .cancelled }

    /// Registers what a drain waits for (`TaskRegistry.register`).
    func register(
        _ title: TaskTitle, kind: TaskKind, phase: DrainPhase, parent: TaskID? = nil, isOwn: Bool = false,
        file: StaticString = #fileID, line: UInt32 = #line
    ) throws(RegistrationRefusal) -> TaskID {
        try registry.register(
            title, kind: kind, phase: phase, parent: parent, isOwn: isOwn, now: host.now, file: file, line: line)
    }

    /// A task has ended. Nothing for one that is not there any more.
    func complete(_ task: TaskID) { registry.complete(task) }

    /// Says until when a task has.
    func setDeadline(_ deadline: MonotonicInstant, of task: TaskID) { registry.setDeadline(deadline, of: task) }

    /// A task's time is over: it has until `deadline`, and is to be told.
    func cancel(_ task: TaskID, deadline: MonotonicInstant) { registry.cancel(task, deadline: deadline) }

    /// Nothing waits for the task any more.
    func giveUp(_ task: TaskID) {
        if let task = registry.abandon(task) { tell(abandoned: task) }
    }

    private func tell(abandoned task: TaskRecord) {
        let age = host.now.duration(since: task.registeredAt).text
        log.error(
            "abandoned \(task.kind.rawValue) '\(task.name)', \(age) old, registered at \(task.place)", kind: .abandoned)
    }

    // MARK: A drain's own

    /// Only children of what lives are let in from now on; all are, as before; nobody is any more.
    func beginDrain() { registry.beginDrain() }
    func reopen() { registry.reopen() }
    func close() { registry.close() }

    func count(in phase: DrainPhase) -> Int { registry.count(in: phase) }

    /// The same of all tasks of a phase.
    func setDeadline(_ deadline: MonotonicInstant, of phase: DrainPhase) { registry.setDeadline(deadline, of: phase) }
    func cancel(_ phase: DrainPhase, deadline: MonotonicInstant) -> [TaskRecord] {
        registry.cancel(phase: phase, deadline: deadline)
    }
    func giveUp(_ phase: DrainPhase) -> [TaskRecord] {
        let abandoned = registry.abandon(phase: phase)
        for task in abandoned { tell(abandoned: task) }
        return abandoned
    }
}
