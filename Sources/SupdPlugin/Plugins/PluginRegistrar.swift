/// Something that plugins bring under a name of its own, each with the options it declares.
public struct PluginTable<Value: Sendable>: Sendable {
    /// One of them.
    public struct Entry: Sendable {
        /// The name in the configuration.
        public var name: String
        /// The plugin it came from.
        public var plugin: String
        /// What it takes.
        public var options: [OptionDeclaration]
        /// Makes it of checked options; throws where they are wrong together.
        public var make: @Sendable (PluginOptions) throws(OptionError) -> Value
    }

    /// What it is called in messages: `restart policy`.
    public let kind: String
    /// All there are, by name.
    public private(set) var entries = [String: Entry]()
    /// The name that counts where the configuration names none; the first plugin to offer a default gives it.
    public private(set) var standard: String?

    init(kind: String) {
        self.kind = kind
    }

    /// The entry of `name`.
    public subscript(name: String) -> Entry? { entries[name] }

    /// The names there are.
    public var names: [String] { entries.keys.sorted() }

    /// Adds `entry`, or answers with whom it conflicts.
    mutating func add(_ entry: Entry, isDefault: Bool) -> String? {
        if let first = entries[entry.name] {
            return "plugin '\(entry.plugin)' brings a \(kind) '\(entry.name)', which "
                + (first.plugin == entry.plugin ? "it has brought already" : "plugin '\(first.plugin)' has")
        }
        entries[entry.name] = entry
        if isDefault, standard == nil { standard = entry.name }
        return nil
    }
}

/// Where plugins put what they bring, and where the configuration looks it up by name.
public struct PluginRegistrar: Sendable {
    /// The plugins, in the order of the daemon's list; of two of one name only the first.
    public private(set) var plugins: [any Plugin] = []
    /// Restart policies by name.
    public private(set) var restartPolicies = PluginTable<any RestartPolicy>(kind: "restart policy")
    /// Backoffs by name.
    public private(set) var backoffs = PluginTable<any Backoff>(kind: "backoff")
    /// Shutdown hooks by name, for `hooks` of the daemon and of a service.
    public private(set) var shutdownHooks = PluginTable<any ShutdownHook>(kind: "shutdown hook")
    /// Probes by name, for `ready` of a service.
    public private(set) var readinessProbes = PluginTable<any Probe>(kind: "readiness probe")
    /// Probes by name, for `health` of a service.
    public private(set) var healthProbes = PluginTable<any Probe>(kind: "health probe")
    /// Log sinks by name, for `log.sink` of a service.
    public private(set) var logSinks = PluginTable<any LogSink>(kind: "log sink")
    /// Names that were given twice, as sentences; the second was left out. The daemon logs them as warnings.
    public private(set) var conflicts: [String] = []

    private var registering = ""

    /// A registrar with what `plugins` bring, in their order.
    public init(_ plugins: [any Plugin] = []) {
        for plugin in plugins {
            guard !self.plugins.contains(where: { $0.name == plugin.name }) else {
                conflicts.append("two plugins are named '\(plugin.name)': the second is left out")
                continue
            }
            self.plugins.append(plugin)
            registering = plugin.name
            plugin.register(in: &self)
        }
    }

    /// Registers a restart policy under `name`. A second one of that name is a conflict and is not taken.
    public mutating func restartPolicy(
        _ name: String, options: [OptionDeclaration] = [], isDefault: Bool = false,
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any RestartPolicy
    ) {
        add(name, options, isDefault, make, to: \.restartPolicies)
    }

    /// Registers a backoff under `name`. A second one of that name is a conflict and is not taken.
    public mutating func backoff(
        _ name: String, options: [OptionDeclaration] = [], isDefault: Bool = false,
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any Backoff
    ) {
        add(name, options, isDefault, make, to: \.backoffs)
    }

    /// Registers a shutdown hook under `name`, for `hooks = [{ run = "NAME", … }]`. Conflicts as above.
    public mutating func shutdownHook(
        _ name: String, options: [OptionDeclaration] = [],
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any ShutdownHook
    ) {
        add(name, options, false, make, to: \.shutdownHooks)
    }

    /// Registers a probe under `name`, for `ready = { type = "NAME", … }`. Conflicts as above.
    public mutating func readinessProbe(
        _ name: String, options: [OptionDeclaration] = [],
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any Probe
    ) {
        add(name, options, false, make, to: \.readinessProbes)
    }

    /// Registers a probe under `name`, for `health = { type = "NAME", … }`. Conflicts as above.
    public mutating func healthProbe(
        _ name: String, options: [OptionDeclaration] = [],
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any Probe
    ) {
        add(name, options, false, make, to: \.healthProbes)
    }

    /// Registers a probe under `name` for both `ready` and `health`. Conflicts as above.
    public mutating func probe(
        _ name: String, options: [OptionDeclaration] = [],
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any Probe
    ) {
        readinessProbe(name, options: options, make: make)
        healthProbe(name, options: options, make: make)
    }

    /// Registers a log sink under `name`, for `log = { sink = "NAME" }`. Conflicts as above; `auto`, `journal`, `stderr`,
    /// `file` and `none` are supd's own, and a sink of such a name is never asked for.
    public mutating func logSink(
        _ name: String, options: [OptionDeclaration] = [],
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any LogSink
    ) {
        add(name, options, false, make, to: \.logSinks)
    }

    private mutating func add<Value>(
        _ name: String, _ options: [OptionDeclaration], _ isDefault: Bool,
        _ make: @escaping @Sendable (PluginOptions) throws(OptionError) -> Value,
        to table: WritableKeyPath<PluginRegistrar, PluginTable<Value>>
    ) {
        let entry = PluginTable<Value>.Entry(name: name, plugin: registering, options: options, make: make)
        if let conflict = self[keyPath: table].add(entry, isDefault: isDefault) { conflicts.append(conflict) }
    }
}
