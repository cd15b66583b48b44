public import SupdPlugin
public import SupdJSON

/// One phase of a finished drain.
public struct DrainedPhase: Hashable, Sendable {
    /// How a phase ended.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// All that belonged to it had ended.
        case completed
        /// Its budget was used up first.
        case timedOut = "timed-out"
        /// Nothing belonged to it, or the drain never came to it.
        case skipped
        /// A repeated signal ended it.
        case forced
    }

    /// Which one.
    public var phase: WireWord<TaskStatus.Phase>
    /// How long it took.
    public var duration: Duration
    /// How it ended.
    public var outcome: WireWord<Outcome>

    /// A phase of these.
    public init(phase: TaskStatus.Phase, duration: Duration, outcome: Outcome) {
        self.phase = .known(phase)
        self.duration = duration
        self.outcome = .known(outcome)
    }
}

extension DrainedPhase: WireValue {
    /// Writes the object of one phase.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("phase", phase.rawValue)
        writer.member("duration", duration)
        writer.member("outcome", outcome.rawValue)
        writer.endObject()
    }

    /// Reads the object of one phase.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        phase = try reader.word("phase")
        duration = try reader.duration("duration")
        outcome = try reader.word("outcome")
    }
}

/// A task that did not end when it was cancelled.
public struct AbandonedTask: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// What should have ended it.
    public var kind: WireWord<TaskStatus.Kind>
    /// The phase it belonged to.
    public var phase: WireWord<TaskStatus.Phase>
    /// How long before its end it was registered.
    public var age: Duration
    /// Where it was registered, as `FILE:LINE`.
    public var registeredAt: String

    /// A task of these.
    public init(name: String, kind: TaskStatus.Kind, phase: TaskStatus.Phase, age: Duration, registeredAt: String) {
        self.name = name
        self.kind = .known(kind)
        self.phase = .known(phase)
        self.age = age
        self.registeredAt = registeredAt
    }
}

extension AbandonedTask: WireValue {
    /// Writes the object of one task.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("kind", kind.rawValue)
        writer.member("phase", phase.rawValue)
        writer.member("age", age)
        writer.member("registered_at", registeredAt)
        writer.endObject()
    }

    /// Reads the object of one task.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        kind = try reader.word("kind")
        phase = try reader.word("phase")
        age = try reader.duration("age")
        registeredAt = try reader.string("registered_at")
    }
}

/// A process that outlived being killed, by what tells it from a later one of the same number.
public struct AbandonedProcess: Hashable, Sendable {
    /// The instance it belonged to.
    public var name: String
    /// Its number.
    public var pid: Int32
    /// What it runs; its name in brackets where its arguments cannot be read.
    public var command: String
    /// When it was started.
    public var startedAt: WallTime

    /// A process of these.
    public init(name: String, pid: Int32, command: String, startedAt: WallTime) {
        self.name = name
        self.pid = pid
        self.command = command
        self.startedAt = startedAt
    }
}

extension AbandonedProcess: WireValue {
    /// Writes the object of one process.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("pid", pid)
        writer.member("command", command)
        writer.member("started_at", startedAt)
        writer.endObject()
    }

    /// Reads the object of one process.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        pid = try reader.integer("pid")
        command = try reader.string("command")
        startedAt = try reader.time("started_at")
    }
}
