public import SupdJSON

/// What `tasks.list` says of one task of the registry.
public struct TaskStatus: Hashable, Sendable {
    /// What ends a task.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It ends by itself.
        case job
        /// It runs until it is told to stop.
        case service
        /// It must finish.
        case cleanup
    }

    /// The phase of the drain that a task belongs to, in their order.
    public enum Phase: String, Hashable, Sendable, CaseIterable {
        /// The service manager is told.
        case announce
        /// Hooks before; pending restarts are dropped.
        case quiesce
        /// Jobs end by themselves.
        case jobs
        /// Services are stopped, in reverse dependency order.
        case services
        /// Logs, and hooks after.
        case flush
    }

    /// Whether a task was told to end.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It was not.
        case running
        /// It was, and has not ended.
        case cancelled
        /// It did not end in time, and nobody waits for it any more.
        case abandoned
    }

    /// The task's name.
    public var name: String
    /// What ends it.
    public var kind: WireWord<Kind>
    /// The phase of the drain it belongs to.
    public var phase: WireWord<Phase>
    /// Whether it was told to end.
    public var state: WireWord<State>
    /// How long ago it was registered.
    public var age: Duration
    /// How long until it is cancelled or given up; nil where no deadline runs for it.
    public var deadline: Duration?
    /// Where it was registered, as `FILE:LINE`.
    public var registeredAt: String
    /// The name of the task that registered it, where one did.
    public var parent: String?

    /// A task of these.
    public init(
        name: String, kind: Kind, phase: Phase, state: State, age: Duration, deadline: Duration? = nil,
        registeredAt: String, parent: String? = nil
    ) {
        self.name = name
        self.kind = .known(kind)
        self.phase = .known(phase)
        self.state = .known(state)
        self.age = age
        self.deadline = deadline
        self.registeredAt = registeredAt
        self.parent = parent
    }
}

extension TaskStatus: WireValue {
    /// Writes the object of one task.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("kind", kind.rawValue)
        writer.member("phase", phase.rawValue)
        writer.member("state", state.rawValue)
        writer.member("age", age)
        writer.member("deadline", deadline)
        writer.member("registered_at", registeredAt)
        writer.member("parent", parent)
        writer.endObject()
    }

    /// Reads the object of one task.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        kind = try reader.word("kind")
        phase = try reader.word("phase")
        state = try reader.word("state")
        age = try reader.duration("age")
        deadline = try reader.optionalDuration("deadline")
        registeredAt = try reader.string("registered_at")
        parent = try reader.optionalString("parent")
    }
}

/// The reply of `tasks.list`.
public struct TaskList: Hashable, Sendable {
    /// Whether new tasks are taken.
    public enum Registry: String, Hashable, Sendable, CaseIterable {
        /// Anybody's.
        case open
        /// Only children of live tasks.
        case draining
        /// None.
        case closed
    }

    /// Whether new tasks are taken.
    public var registry: WireWord<Registry>
    /// Every task there is, the oldest first.
    public var tasks: [TaskStatus]

    /// The list of these.
    public init(registry: Registry, tasks: [TaskStatus]) {
        self.registry = .known(registry)
        self.tasks = tasks
    }
}

extension TaskList: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("registry", registry.rawValue)
        writer.key(known: Self.listKey)
        writer.beginArray()
        for task in tasks { task.encode(into: &writer) }
        writer.endArray()
        writer.endObject()
    }

    /// The key of the list, for a reply that is written piece by piece.
    public static let listKey: StaticString = "tasks"

    /// Writes the members before the list.
    public static func encodeHead(_ registry: Registry, into writer: inout JSONWriter) {
        writer.member("registry", registry.rawValue)
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        registry = try reader.word("registry")
        tasks = try reader.list("tasks")
    }
}
