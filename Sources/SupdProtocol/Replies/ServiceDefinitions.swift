public import SupdJSON

/// The reply of `service.definition`.
public struct ServiceDefinitions: ServiceEntries, Hashable, Sendable {
    /// One entry a service, and one more for an instance that was named and runs by an older definition.
    public var services: [DefinedService]

    /// The list of these.
    public init(services: [DefinedService]) {
        self.services = services
    }
}

/// What a service is told, by its table and `[defaults]`.
public struct DefinedService: Hashable, Sendable {
    /// The service's name, or that of an instance that runs by an older definition.
    public var name: String
    /// Whether this is an older definition than the one in force.
    public var outdated: Bool
    /// Whether the files say something else of it by now; nil where they cannot be read.
    public var changed: Bool?
    /// Its keys: those that are set in the order of their names, then those that are not.
    public var keys: [DefinedKey]

    /// A definition of these keys.
    public init(name: String, outdated: Bool = false, changed: Bool?, keys: [DefinedKey]) {
        self.name = name
        self.outdated = outdated
        self.changed = changed
        self.keys = keys
    }
}

/// One key of a service.
public struct DefinedKey: Hashable, Sendable {
    /// Who has set it.
    public enum Origin: String, Hashable, Sendable, CaseIterable {
        /// The service's own table.
        case service
        /// `[defaults]`.
        case defaults
        /// Nobody: it is what holds without it.
        case standard
        /// A file that says something else by now.
        case changed
    }

    /// Its path in the table: `log.file`.
    public var key: String
    /// Its value, as TOML spells it; nil where who asks may not see it.
    public var value: String?
    /// Who has set it.
    public var origin: WireWord<Origin>
    /// Where; nil of what is in no file as it is.
    public var file: String?
    /// The line there, from 1.
    public var line: Int?

    /// A key of these.
    public init(key: String, value: String?, origin: Origin, file: String? = nil, line: Int? = nil) {
        self.key = key
        self.value = value
        self.origin = .known(origin)
        self.file = file
        self.line = line
    }
}

extension DefinedService: WireValue {
    /// Writes the object of one service.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("outdated", outdated)
        writer.member("changed", changed)
        writer.member("keys", keys)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        outdated = try reader.bool("outdated")
        changed = reader.value("changed")?.boolValue
        keys = try reader.list("keys")
    }
}

extension DefinedKey: WireValue {
    /// Writes the object of one key.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("key", key)
        writer.member("value", value)
        writer.member("origin", origin.rawValue)
        writer.member("file", file)
        writer.member("line", line)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        key = try reader.string("key")
        self.value = try reader.optionalString("value")
        origin = try reader.word("origin")
        file = try reader.optionalString("file")
        line = try reader.optionalInteger("line")
    }
}
