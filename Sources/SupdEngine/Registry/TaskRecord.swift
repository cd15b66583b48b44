package import SupdPlugin

/// Names a registered task; never used again.
package struct TaskID: Hashable, Sendable {
    /// The number.
    package var rawValue: UInt64

    /// The task of that number.
    package init(rawValue: UInt64) { self.rawValue = rawValue }
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
    package var name: String {
        switch self {
        case .announce: "announce"
        case .quiesce: "quiesce"
        case .jobs: "jobs"
        case .services: "services"
        case .flush: "flush"
        }
    }

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

/// What a registered task is, for people: each instance has two whose words are made when somebody asks.
package struct TaskTitle: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// All of it, or what stands before an instance's name.
    let text: String
    /// The service that it is about: who may not see that does not see it.
    package internal(set) var service: ServiceName?
    /// Which instance of that is named behind `text`: 0 where it is the only one. Negative where none is.
    let index: Int32

    /// `text`, about `service`.
    package init(_ text: String, about service: ServiceName? = nil) {
        self.text = text
        self.service = service
        index = -1
    }

    /// `text`, about no service.
    package init(stringLiteral text: String) { self.init(text) }

    /// `text`, and behind it the name of what it is about: `service web@1`.
    package init(_ text: String, of instance: InstanceName) {
        self.text = text
        service = instance.service
        index = Int32(clamping: instance.index ?? 0)
    }

    /// All of it.
    package var description: String { Self.description(text, service, index) }

    static func description(_ text: String, _ service: ServiceName?, _ index: Int32) -> String {
        guard index >= 0, let service else { return text }
        return "\(text) \(InstanceName(service: service, index: index == 0 ? nil : Int(index)))"
    }
}

/// What tasks have in common that are registered at one place, of instances under one word; and of any other, what only that one has.
final class TaskOrigin: Sendable {
    /// The task's name, or what stands before the instance's.
    let text: String
    /// Where in the source it is.
    let file: StaticString
    let line: UInt32
    /// What it is registered by, and how deep it is below a task that was there before the drain.
    let parent: TaskID?
    let generation: UInt8

    init(_ text: String, _ file: StaticString, _ line: UInt32, parent: TaskID?, generation: UInt8) {
        self.text = text
        self.file = file
        self.line = line
        self.parent = parent
        self.generation = generation
    }

    /// Whether it is that of tasks registered there, as far as can be told by where the name of the file is.
    func isOf(_ text: String, _ file: StaticString, _ line: UInt32) -> Bool {
        self.line == line && self.file.hasPointerRepresentation && file.hasPointerRepresentation
            && self.file.utf8Start == file.utf8Start && self.text == text
    }
}

/// One registered task.
package struct TaskRecord: Hashable, Sendable {
    /// Its number.
    package let id: TaskID
    /// When it was registered.
    package let registeredAt: MonotonicInstant
    /// Until when it has, once a drain has said so.
    @OptionalInstant package internal(set) var deadline: MonotonicInstant?
    private let origin: TaskOrigin
    /// The service that it is about: who may not see that does not see it.
    package let service: ServiceName?
    private let index: Int32
    /// How it ends.
    package let kind: TaskKind
    /// The phase of a drain that ends it.
    package let phase: DrainPhase
    /// How it stands.
    package internal(set) var state: TaskState
    /// Whether it has not ended; the registry's own affair.
    var isLive = true

    init(
        id: TaskID, _ title: TaskTitle, kind: TaskKind, phase: DrainPhase, state: TaskState,
        registeredAt: MonotonicInstant,
        from origin: TaskOrigin
    ) {
        self.id = id
        service = title.service
        index = title.index
        self.kind = kind
        self.phase = phase
        self.state = state
        self.registeredAt = registeredAt
        self.origin = origin
    }

    /// What it is, for people: `service web@1`.
    package var name: String { TaskTitle.description(origin.text, service, index) }

    /// The task it was registered by.
    package var parent: TaskID? { origin.parent }

    /// How deep it is below a task that was there before the drain.
    package var generation: UInt8 { origin.generation }

    /// Where in the source it was registered: `SupdDaemon/Control.swift:12`.
    package var place: String { "\(origin.file):\(origin.line)" }

    /// Whether the two are the same task in the same condition.
    package static func == (lhs: TaskRecord, rhs: TaskRecord) -> Bool {
        lhs.id == rhs.id && lhs.phase == rhs.phase && lhs.state == rhs.state && lhs.deadline == rhs.deadline
    }

    /// Feeds its number.
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
