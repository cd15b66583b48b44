package import SupdPlugin

/// Names a registered task; never used again.
package struct TaskID: Hashable, Sendable {
    /// The number.
    package var rawValue: UInt64
}

/// The phases of a drain, in their order. Each task belongs to the one that ends it.
package enum DrainPhase: Int, Hashable, Sendable, CaseIterable, Comparable {
    /// The service manager is told.
    case announce
    /// Pending restarts are dropped.
    case quiesce
    /// Jobs end by themselves.
    case jobs
    /// Services are stopped, in reverse order.
    case services
    /// Logs are written out and connections closed.
    case flush

    /// The phase's name, as reports have it.
    package var name: String { String(describing: self) }

    /// Whether `lhs` comes first.
    package static func < (lhs: DrainPhase, rhs: DrainPhase) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// How a task stands.
package enum TaskState: String, Hashable, Sendable {
    /// It lives, and may.
    case running
    /// It lives, and was told to end.
    case cancelled
}

/// One registered task.
package struct TaskRecord: Hashable, Sendable {
    /// Its number.
    package let id: TaskID
    /// What it is, for people: `service web@1`.
    package let name: String
    /// When it was registered.
    package let registeredAt: MonotonicInstant
    /// Until when it has, once a drain has said so.
    @OptionalInstant package internal(set) var deadline: MonotonicInstant?
    /// How it ends.
    package let kind: TaskKind
    /// The phase of a drain that ends it.
    package internal(set) var phase: DrainPhase
    /// How it stands.
    package internal(set) var state = TaskState.running
    /// How deep it is below a task that was there before the drain.
    package internal(set) var generation: UInt8 = 0
    private let line: UInt32
    private let file: StaticString
    /// Whether it has not ended; the registry's own affair.
    var isLive = true
    /// The task it was registered by.
    package let parent: TaskID?
    /// The service that it is about: who may not see that does not see it.
    package let service: ServiceName?

    init(
        id: TaskID, name: String, kind: TaskKind, phase: DrainPhase, registeredAt: MonotonicInstant,
        file: StaticString, line: UInt32, parent: TaskID?, service: ServiceName?
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.phase = phase
        self.registeredAt = registeredAt
        self.file = file
        self.line = line
        self.parent = parent
        self.service = service
    }

    /// Where in the source it was registered: `SupdDaemon/Control.swift:12`.
    package var place: String { "\(file):\(line)" }

    /// Whether the two are the same task in the same condition.
    package static func == (lhs: TaskRecord, rhs: TaskRecord) -> Bool {
        lhs.id == rhs.id && lhs.phase == rhs.phase && lhs.state == rhs.state && lhs.deadline == rhs.deadline
    }

    /// Feeds its number.
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
