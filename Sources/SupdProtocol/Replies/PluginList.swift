public import SupdJSON
public import SupdPlugin

/// The reply of `plugins.list`: what is compiled into the daemon.
public struct PluginList: Hashable, Sendable {
    /// The plugins, in the order of the daemon's list.
    public var plugins: [PluginStatus]
    /// The version of the interface they were built for.
    public var interface: Int

    /// A list of these.
    public init(plugins: [PluginStatus], interface: Int = PluginInterface.version) {
        self.plugins = plugins
        self.interface = interface
    }
}

/// One plugin of the daemon.
public struct PluginStatus: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its version.
    public var version: String
    /// What it does, in a sentence.
    public var summary: String
    /// What it brings, as `restart policy always`, `job sweep`, `method plugin.lb.state`.
    public var brings: [String]
    /// What `[plugins.NAME]` may say.
    public var options: [PluginOption]

    /// A plugin of these.
    public init(name: String, version: String, summary: String, brings: [String], options: [PluginOption]) {
        self.name = name
        self.version = version
        self.summary = summary
        self.brings = brings
        self.options = options
    }
}

/// One option of a plugin.
public struct PluginOption: Hashable, Sendable {
    /// The key.
    public var name: String
    /// What values it takes, in words.
    public var type: String
    /// The value where it is not set; nil where it has to be.
    public var standard: String?
    /// What it means, in a sentence.
    public var summary: String
    /// What each of its tables may say, where it is a list of tables.
    public var options: [PluginOption]

    /// An option of these.
    public init(name: String, type: String, standard: String?, summary: String, options: [PluginOption] = []) {
        self.name = name
        self.type = type
        self.standard = standard
        self.summary = summary
        self.options = options
    }
}

extension PluginList: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("interface", interface)
        writer.member("plugins", plugins)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        interface = try reader.integer("interface")
        plugins = try reader.list("plugins")
    }
}

extension PluginStatus: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("version", version)
        writer.member("summary", summary)
        writer.member("brings", brings)
        writer.member("options", options)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        version = try reader.string("version")
        summary = try reader.string("summary")
        brings = try reader.strings("brings")
        options = try reader.list("options")
    }
}

extension PluginOption: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("type", type)
        if let standard { writer.member("standard", standard) }
        writer.member("summary", summary)
        if !options.isEmpty { writer.member("options", options) }
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        type = try reader.string("type")
        standard = try reader.optionalString("standard")
        summary = try reader.string("summary")
        options = reader.value("options") == nil ? [] : try reader.list("options")
    }
}
