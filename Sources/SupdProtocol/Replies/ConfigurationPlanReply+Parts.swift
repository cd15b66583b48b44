public import SupdJSON

extension ConfigurationPlanReply {
    /// What becomes of a service.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It was not there.
        case added
        /// It is not there any more.
        case removed
        /// What runs is stopped and started again.
        case restarted
        /// What runs goes on, by what is new.
        case changed
        /// Nothing but the number of its instances is another.
        case scaled
    }

    /// When a key that was changed takes effect.
    public enum Effect: String, Hashable, Sendable, CaseIterable {
        /// At once, on what runs.
        case atOnce = "at-once"
        /// When the service is started the next time.
        case nextStart = "next-start"
        /// When the daemon itself is restarted.
        case daemonRestart = "daemon-restart"
    }

    /// How many services there are of each kind.
    public struct Counts: Hashable, Sendable {
        /// Those that come.
        public var added: Int
        /// Those that go.
        public var removed: Int
        /// Those that are restarted.
        public var restarted: Int
        /// Those that are changed while they run.
        public var changed: Int
        /// Those that get another number of instances.
        public var scaled: Int
        /// Those that nothing becomes of.
        public var unchanged: Int

        /// So many of each.
        public init(
            added: Int = 0, removed: Int = 0, restarted: Int = 0, changed: Int = 0, scaled: Int = 0, unchanged: Int = 0
        ) {
            self.added = added
            self.removed = removed
            self.restarted = restarted
            self.changed = changed
            self.scaled = scaled
            self.unchanged = unchanged
        }
    }

    /// A key whose value is another.
    public struct Key: Hashable, Sendable {
        /// Its name as the configuration has it: `exec_start`, `environment.TOKEN`.
        public var key: String
        /// The value in force, as the configuration would have it; nil where it is not set, or is not shown.
        public var old: String?
        /// The value in the files; nil where it is not set, or is not shown. Where both are nil the value is not for everyone's eyes.
        public var new: String?
        /// When it takes effect.
        public var effect: WireWord<Effect>
        /// What holds where it is not set; nil where that is nothing, or cannot be told.
        public var standard: String?

        /// A change of these.
        public init(key: String, old: String?, new: String?, effect: Effect, standard: String? = nil) {
            self.standard = standard
            self.key = key
            self.old = old
            self.new = new
            self.effect = .known(effect)
        }
    }

    /// The numbers of instances of a service.
    public struct Instances: Hashable, Sendable {
        /// How many it has.
        public var old: Int
        /// How many it is to have.
        public var new: Int

        /// These numbers.
        public init(old: Int, new: Int) {
            self.old = old
            self.new = new
        }
    }

    /// A service that something becomes of.
    public struct Service: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// What becomes of it.
        public var kind: WireWord<Kind>
        /// The keys that make it so.
        public var keys: [Key]
        /// How many instances it has and is to have; nil where the files have not changed that. Two of the same where it has as many
        /// already, by `service.scale`.
        public var instances: Instances?
        /// The service that it is restarted with, as it requires that or is part of it; nil where it is restarted for its own keys, or not
        /// at all.
        public var with: String?

        /// A service of these.
        public init(name: String, kind: Kind, keys: [Key] = [], instances: Instances? = nil, with: String? = nil) {
            self.name = name
            self.kind = .known(kind)
            self.keys = keys
            self.instances = instances
            self.with = with
        }
    }

    /// A plugin whose options change.
    public struct Plugin: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// The options.
        public var keys: [Key]

        /// A plugin of these.
        public init(name: String, keys: [Key]) {
            self.name = name
            self.keys = keys
        }
    }
}

extension ConfigurationPlanReply.Counts: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("added", added)
        writer.member("removed", removed)
        writer.member("restarted", restarted)
        writer.member("changed", changed)
        writer.member("scaled", scaled)
        writer.member("unchanged", unchanged)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        added = try reader.integer("added")
        removed = try reader.integer("removed")
        restarted = try reader.integer("restarted")
        changed = try reader.integer("changed")
        scaled = try reader.integer("scaled")
        unchanged = try reader.integer("unchanged")
    }
}

extension ConfigurationPlanReply.Key: WireValue {
    /// Writes the object of one key.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("key", key)
        writer.member("old", old)
        writer.member("new", new)
        writer.member("effect", effect.rawValue)
        if let standard { writer.member("standard", standard) }
        writer.endObject()
    }

    /// Reads the object of one key.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        key = try reader.string("key")
        old = try reader.optionalString("old")
        new = try reader.optionalString("new")
        effect = try reader.word("effect")
        standard = try reader.optionalString("standard")
    }
}

extension ConfigurationPlanReply.Instances: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("old", old)
        writer.member("new", new)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        old = try reader.integer("old")
        new = try reader.integer("new")
    }
}

extension ConfigurationPlanReply.Service: WireValue {
    /// Writes the object of one service; `instances` only where the files have changed them, `with` only where it is restarted with another.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("kind", kind.rawValue)
        writer.member("keys", keys)
        if let instances { writer.member("instances", instances) }
        if let with { writer.member("with", with) }
        writer.endObject()
    }

    /// Reads the object of one service.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        kind = try reader.word("kind")
        keys = try reader.list("keys")
        instances = try reader.optionalNested("instances")
        with = try reader.optionalString("with")
    }
}

extension ConfigurationPlanReply.Plugin: WireValue {
    /// Writes the object of one plugin.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("keys", keys)
        writer.endObject()
    }

    /// Reads the object of one plugin.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        keys = try reader.list("keys")
    }
}
