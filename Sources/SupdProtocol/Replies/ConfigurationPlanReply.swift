public import SupdJSON

/// The reply of `config.plan` and `config.reload`: what the configuration's files change of what runs.
public struct ConfigurationPlanReply: Hashable, Sendable {
    /// What the files are known by, for the `expect` of `config.reload`: another one where any of them has changed.
    public var token: String
    /// The configuration's path.
    public var path: String
    /// How many services there are of each kind.
    public var counts: Counts
    /// The services that something becomes of, in an order to be read in.
    public var services: [Service]
    /// How many more there are that who asks may not observe: they are counted, and not named.
    public var hidden: Int
    /// What changes of the daemon itself.
    public var supervisor: [Key]
    /// The plugins whose options change.
    public var plugins: [Plugin]
    /// What another order has made otherwise than the files say, and is left so.
    public var kept: [KeptInstances]
    /// The services that run by an older definition than the one in force, which the files still say, until their next start: their
    /// restart was put off.
    public var older: [String]
    /// What came of it; only in the reply of `config.reload`.
    public var outcome: Outcome?

    /// A plan of these.
    public init(
        token: String, path: String, counts: Counts = Counts(), services: [Service] = [], hidden: Int = 0,
        supervisor: [Key] = [], plugins: [Plugin] = [], kept: [KeptInstances] = [], older: [String] = [],
        outcome: Outcome? = nil
    ) {
        self.token = token
        self.path = path
        self.counts = counts
        self.services = services
        self.hidden = hidden
        self.supervisor = supervisor
        self.plugins = plugins
        self.kept = kept
        self.older = older
        self.outcome = outcome
    }

    /// Whether there is nothing to do.
    public var isEmpty: Bool { services.isEmpty && hidden == 0 && supervisor.isEmpty && plugins.isEmpty }

    /// Whether nothing of it is done before the daemon itself is restarted.
    public var waitsForRestart: Bool {
        !isEmpty && services.isEmpty && hidden == 0 && plugins.isEmpty
            && supervisor.allSatisfy { $0.effect.known == .daemonRestart }
    }
}

extension ConfigurationPlanReply {
    /// A service that has another number of instances than the files say, by `service.scale`.
    public struct KeptInstances: Hashable, Sendable {
        /// The service's name.
        public var name: String
        /// What the files say.
        public var file: Int
        /// How many it has, and keeps.
        public var now: Int

        /// `now` of `name` in place of `file`.
        public init(name: String, file: Int, now: Int) {
            self.name = name
            self.file = file
            self.now = now
        }
    }

    /// What came of a plan that was carried out.
    public struct Outcome: Hashable, Sendable {
        /// Whether the daemon goes by this configuration now; false where something overtook it, such as a drain.
        public var applied: Bool
        /// The services that run on by their older definition until their next start, by name.
        public var deferred: [String]
        /// The services that are not where the configuration wants them, as far as somebody waited for that, and what could not be given to
        /// what runs.
        public var failed: [Failure]

        /// An outcome of these.
        public init(applied: Bool, deferred: [String] = [], failed: [Failure] = []) {
            self.applied = applied
            self.deferred = deferred
            self.failed = failed
        }
    }

    /// A service that is not where the configuration wants it.
    public struct Failure: Hashable, Sendable {
        /// The service's or the instance's name.
        public var name: String
        /// Why, without the name: `BACKOFF: exit code 1`.
        public var reason: String

        /// A failure of these.
        public init(name: String, reason: String) {
            self.name = name
            self.reason = reason
        }
    }
}

extension ConfigurationPlanReply: WireValue {
    /// Writes the object; `applied`, `deferred` and `failed` only where it was carried out.
    public func encode(into writer: inout JSONWriter) {
        beginEncoding(into: &writer)
        Self.endEncoding(kept, outcome, into: &writer)
    }

    /// Begins the object with all but what is kept and what came of it; `endEncoding` ends it.
    package func beginEncoding(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("token", token)
        writer.member("path", path)
        writer.member("counts", counts)
        writer.member("services", services)
        if hidden > 0 { writer.member("hidden_services", hidden) }
        writer.member("supervisor", supervisor)
        writer.member("plugins", plugins)
        if !older.isEmpty { writer.member("older_definitions", older) }
    }

    /// Ends an object that `beginEncoding` has begun.
    package static func endEncoding(_ kept: [KeptInstances], _ outcome: Outcome?, into writer: inout JSONWriter) {
        if !kept.isEmpty { writer.member("kept_instances", kept) }
        if let outcome {
            writer.member("applied", outcome.applied)
            writer.member("deferred", outcome.deferred)
            writer.member("failed", outcome.failed)
        }
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        token = try reader.string("token")
        path = try reader.string("path")
        counts = try reader.nested("counts")
        services = try reader.list("services")
        hidden = reader.value("hidden_services") == nil ? 0 : try reader.integer("hidden_services")
        supervisor = try reader.list("supervisor")
        plugins = try reader.list("plugins")
        kept = reader.value("kept_instances") == nil ? [] : try reader.list("kept_instances")
        older = reader.value("older_definitions") == nil ? [] : try reader.strings("older_definitions")
        outcome =
            reader.value("applied") == nil
            ? nil
            : Outcome(
                applied: try reader.bool("applied"), deferred: try reader.strings("deferred"),
                failed: try reader.list("failed"))
    }
}

extension ConfigurationPlanReply.KeptInstances: WireValue {
    /// Writes the object of one service.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("file", file)
        writer.member("now", now)
        writer.endObject()
    }

    /// Reads the object of one service.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        file = try reader.integer("file")
        now = try reader.integer("now")
    }
}

extension ConfigurationPlanReply.Failure: WireValue {
    /// Writes the object of one service.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("reason", reason)
        writer.endObject()
    }

    /// Reads the object of one service.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        reason = try reader.string("reason")
    }
}
