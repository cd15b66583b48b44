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

/// What a registered task is, for people: each instance has two whose words are made when somebody asks.
package struct TaskTitle: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// All of it, or what stands before an instance's name.
    private let text: String
    /// The service that it is about: who may not see that does not see it.
    package internal(set) var service: ServiceName?
    /// Which instance of that is named behind `text`: 0 where it is the only one. Negative where none is.
    private let index: Int32

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
    package var description: String {
        guard index >= 0, let service else { return text }
        return "\(text) \(InstanceName(service: service, index: index == 0 ? nil : Int(index)))"
    }
}

/// Where in the source tasks are registered. There are a few such places, and many tasks of each.
final class RegistrationPlace: Sendable {
    let file: StaticString
    let line: UInt32

    init(_ file: StaticString, _ line: UInt32) {
        self.file = file
        self.line = line
    }

    /// Whether it is that one, as far as can be told by where the name of the file is.
    func isAt(_ file: StaticString, _ line: UInt32) -> Bool {
        self.line == line && self.file.hasPointerRepresentation && file.hasPointerRepresentation
            && self.file.utf8Start == file.utf8Start
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
    private let title: TaskTitle
    /// How it ends.
    package let kind: TaskKind
    /// The phase of a drain that ends it.
    package internal(set) var phase: DrainPhase
    /// How it stands.
    package internal(set) var state = TaskState.running
    /// How deep it is below a task that was there before the drain.
    package internal(set) var generation: UInt8 = 0
    /// Whether it has not ended; the registry's own affair.
    var isLive = true
    private let registration: RegistrationPlace
    /// 0 for none.
    private let parentNumber: UInt64

    init(
        id: TaskID, _ title: TaskTitle, kind: TaskKind, phase: DrainPhase, registeredAt: MonotonicInstant,
        at registration: RegistrationPlace, parent: TaskID?
    ) {
        self.id = id
        self.title = title
        self.kind = kind
        self.phase = phase
        self.registeredAt = registeredAt
        self.registration = registration
        parentNumber = parent?.rawValue ?? 0
    }

    /// What it is, for people: `service web@1`.
    package var name: String { title.description }

    /// The service that it is about: who may not see that does not see it.
    package var service: ServiceName? { title.service }

    /// The task it was registered by.
    package var parent: TaskID? { parentNumber == 0 ? nil : TaskID(rawValue: parentNumber) }

    /// Where in the source it was registered: `SupdDaemon/Control.swift:12`.
    package var place: String { "\(registration.file):\(registration.line)" }

    /// Whether the two are the same task in the same condition.
    package static func == (lhs: TaskRecord, rhs: TaskRecord) -> Bool {
        lhs.id == rhs.id && lhs.phase == rhs.phase && lhs.state == rhs.state && lhs.deadline == rhs.deadline
    }

    /// Feeds its number.
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
