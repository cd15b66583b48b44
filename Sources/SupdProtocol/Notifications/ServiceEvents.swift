import SupdJSON
public import SupdPlugin

/// An instance has changed its state. What it says was so at that moment; `service.status` has the same members for now.
public struct StateEvent: Hashable, Sendable {
    /// The instance's name.
    public var name: String
    /// Its state before.
    public var from: WireWord<ServiceState>
    /// Its state since.
    public var state: WireWord<ServiceState>
    /// Whether it can do its work.
    public var ready: Bool
    /// What the last order wants it to be.
    public var desired: WireWord<DesiredState>
    /// The number of its attempt.
    public var attempt: UInt64
    /// Its main process, where it has one.
    public var pid: Int32?
    /// How often it was run again by its policy.
    public var restarts: Int
    /// Who or what the last order came from.
    public var cause: EventCause
    /// How this attempt has ended; nil where it has not.
    public var exit: LastExit?
    /// When it is run again, where it waits for that.
    public var nextStartAt: WallTime?
    /// Why, in a sentence, where it has ended, or where supd ends it without an order; nil else, and of one that is started again at once.
    public var reason: String?
    /// What was decided after an end that nobody had ordered, where it has come to that; nil else.
    public var decision: EndDecision?

    /// A change of `name`.
    public init(
        name: String, from: ServiceState, state: ServiceState, ready: Bool, desired: DesiredState, attempt: UInt64,
        pid: Int32? = nil, restarts: Int = 0, cause: EventCause, exit: LastExit? = nil, nextStartAt: WallTime? = nil,
        reason: String? = nil, decision: EndDecision? = nil
    ) {
        self.name = name
        self.from = .known(from)
        self.state = .known(state)
        self.ready = ready
        self.desired = .known(desired)
        self.attempt = attempt
        self.pid = pid
        self.restarts = restarts
        self.cause = cause
        self.exit = exit
        self.nextStartAt = nextStartAt
        self.reason = reason
        self.decision = decision
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("from", from.rawValue)
        writer.member("state", state.rawValue)
        writer.member("ready", ready)
        writer.member("desired", desired.rawValue)
        writer.member("attempt", attempt)
        writer.member("pid", pid)
        writer.member("restarts", restarts)
        writer.member("cause", cause)
        writer.member("exit", exit)
        writer.member("next_start_at", nextStartAt)
        writer.member("reason", reason)
        if let decision { writer.member("decision", decision) }
    }

    init(_ reader: WireReader) throws(WireError) {
        name = try reader.string("name")
        from = try reader.word("from")
        state = try reader.word("state")
        ready = try reader.bool("ready")
        desired = try reader.word("desired")
        attempt = try reader.integer("attempt")
        pid = try reader.optionalInteger("pid")
        restarts = try reader.integer("restarts")
        cause = try reader.nested("cause")
        exit = try reader.optionalNested("exit")
        nextStartAt = try reader.optionalTime("next_start_at")
        reason = try reader.optionalString("reason")
        decision = try reader.optionalNested("decision")
    }
}

/// What the health probe of an instance says has changed.
public struct HealthEvent: Hashable, Sendable {
    /// The instance's name.
    public var name: String
    /// What it said before.
    public var from: WireWord<ServiceHealth>
    /// What it says.
    public var health: WireWord<ServiceHealth>
    /// What the probe holds against it; nil for nothing.
    public var problem: String?

    /// A change of `name`.
    public init(name: String, from: ServiceHealth, health: ServiceHealth, problem: String? = nil) {
        self.name = name
        self.from = .known(from)
        self.health = .known(health)
        self.problem = problem
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("from", from.rawValue)
        writer.member("health", health.rawValue)
        writer.member("problem", problem)
    }

    init(_ reader: WireReader) throws(WireError) {
        name = try reader.string("name")
        from = try reader.word("from")
        health = try reader.word("health")
        problem = try reader.optionalString("problem")
    }
}

/// What holds up the start of an instance has changed.
public struct BlockedEvent: Hashable, Sendable {
    /// The instance's name.
    public var name: String
    /// What it cannot start without; nil where it can, or is not wanted up any more.
    public var blocked: ServiceBlock?
    /// What it is now, in a sentence.
    public var reason: String

    /// A change of `name`.
    public init(name: String, blocked: ServiceBlock?, reason: String) {
        self.name = name
        self.blocked = blocked
        self.reason = reason
    }

    func encodeMembers(into writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("blocked", blocked)
        writer.member("reason", reason)
    }

    init(_ reader: WireReader) throws(WireError) {
        name = try reader.string("name")
        blocked = try reader.optionalNested("blocked")
        reason = try reader.string("reason")
    }
}

/// There is no such instance any more: its service was removed from the configuration, or has fewer instances.
public struct RemovedEvent: Hashable, Sendable {
    /// The instance's name.
    public var name: String

    /// The end of `name`.
    public init(name: String) {
        self.name = name
    }

    func encodeMembers(into writer: inout JSONWriter) { writer.member("name", name) }

    init(_ reader: WireReader) throws(WireError) { name = try reader.string("name") }
}
