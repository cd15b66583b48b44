public import SupdJSON
public import SupdPlugin

/// Where the table of a service begins.
public struct ServiceSource: Hashable, Sendable {
    /// The file, by the path it was read from.
    public var file: String
    /// From 1.
    public var line: Int
    /// Whether the file says something else by now; nil where the disk did not say in time.
    public var changed: Bool?

    /// The place of these.
    public init(file: String, line: Int, changed: Bool? = nil) {
        self.file = file
        self.line = line
        self.changed = changed
    }
}

extension ServiceSource: WireValue {
    /// Writes `{"file":…,"line":…,"changed":…}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("file", file)
        writer.member("line", line)
        writer.member("changed", changed)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        file = try reader.string("file")
        line = try reader.integer("line")
        changed = reader.value("changed")?.boolValue
    }
}

/// What the probe of an instance has answered last.
public struct ProbeAnswer: Hashable, Sendable {
    /// The probe's type, as the configuration has it: `http`.
    public var name: String
    /// Whether it asks if the instance is ready, or if it is healthy.
    public var purpose: WireWord<ProbePurpose>
    /// What it found wrong; nil where nothing was, or it has not answered yet.
    public var problem: String?
    /// When it has answered; nil where it has not yet.
    public var at: WallTime?

    /// An answer of these.
    public init(name: String, purpose: ProbePurpose, problem: String? = nil, at: WallTime? = nil) {
        self.name = name
        self.purpose = .known(purpose)
        self.problem = problem
        self.at = at
    }
}

extension ProbeAnswer: WireValue {
    /// Writes `{"name":…,"purpose":…,"problem":…,"at":…}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("purpose", purpose.rawValue)
        writer.member("problem", problem)
        writer.member("at", at)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        purpose = try reader.word("purpose")
        problem = try reader.optionalString("problem")
        at = try reader.optionalTime("at")
    }
}

/// What an instance waits for.
public struct ServiceWait: Hashable, Sendable {
    /// What kind of thing that is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// That fewer services are between fork and ready (`start_parallelism`).
        case startSlot = "start-slot"
        /// Services that come before it, and are on their way.
        case dependency
        /// Services that it requires, and that only an order brings up.
        case failedDependency = "failed-dependency"
        /// That its program is begun.
        case spawn
        /// The end of a command of its own, or of a hook.
        case command
        /// That it is ready.
        case readiness
        /// That it has stayed up for long enough to count.
        case minUptime = "min_uptime"
        /// The end of the program of a oneshot.
        case completion
        /// The end of the pause before its next start.
        case backoff
        /// Services that need it, and that go down before it does.
        case dependents
        /// The end of its main process, which is to stop.
        case exit
        /// The end of what its main process has left behind.
        case leftBehind = "left-behind"
    }

    /// What kind.
    public var kind: WireWord<Kind>
    /// What, as it stands behind "waits for": `db (FATAL)`.
    public var text: String
    /// The services that it is, by name.
    public var services: [String]
    /// When that is over at the latest: it happens then, or something is done about it. Nil for no such time.
    public var until: WallTime?

    /// A wait of these.
    public init(_ kind: Kind, _ text: String, services: [String] = [], until: WallTime? = nil) {
        self.kind = .known(kind)
        self.text = text
        self.services = services
        self.until = until
    }
}

extension ServiceWait: WireValue {
    /// Writes `{"kind":…,"text":…,"services":[…],"until":…}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        writer.member("text", text)
        writer.member("services", services)
        writer.member("until", until)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        kind = try reader.word("kind")
        text = try reader.string("text")
        services = try reader.strings("services")
        until = try reader.optionalTime("until")
    }
}

/// Something that would change what an instance is.
public struct Remedy: Hashable, Sendable {
    /// What it does, as it stands behind the instance's name or the command: `starts again`.
    public var effect: String
    /// The command that does it; nil for what comes by itself.
    public var command: String?
    /// When it comes; nil where that is not known, or is whenever the command is given.
    public var at: WallTime?

    /// What `command` does, or what comes by itself.
    public init(_ effect: String, command: String? = nil, at: WallTime? = nil) {
        self.effect = effect
        self.command = command
        self.at = at
    }
}

extension Remedy: WireValue {
    /// Writes `{"effect":…,"command":…,"at":…}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("effect", effect)
        writer.member("command", command)
        writer.member("at", at)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        effect = try reader.string("effect")
        command = try reader.optionalString("command")
        at = try reader.optionalTime("at")
    }
}
