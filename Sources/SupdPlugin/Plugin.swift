/// A plugin: a target compiled into a daemon, listed in its `main`, that registers what it brings.
///
/// The policies that come with supd are plugins like any other: the core knows none of them by name.
public protocol Plugin: Sendable {
    /// The plugin's name, as `plugins.list` and errors say it.
    var name: String { get }
    /// Registers what the plugin brings. Called once, before the configuration is read.
    func register(in registrar: inout PluginRegistrar)
}

/// Where plugins put what they bring, and where the configuration looks policies up by name.
public struct PluginRegistrar: Sendable {
    /// A policy that a plugin brings under a name, with the options it declares.
    public struct Entry<Policy: Sendable>: Sendable {
        /// The name in the configuration.
        public var name: String
        /// The plugin it came from.
        public var plugin: String
        /// What it takes.
        public var options: [OptionDeclaration]
        /// Makes the policy of checked options; throws where they are wrong together.
        public var make: @Sendable (PluginOptions) throws(OptionError) -> Policy
    }

    /// Restart policies by name.
    public private(set) var restartPolicies: [String: Entry<any RestartPolicy>] = [:]
    /// Backoffs by name.
    public private(set) var backoffs: [String: Entry<any Backoff>] = [:]
    /// The restart policy of a service that names none; the first plugin to offer a default gives it.
    public private(set) var defaultRestartPolicy: String?
    /// The backoff of a service that names none; the first plugin to offer a default gives it.
    public private(set) var defaultBackoff: String?
    /// Names that two plugins wanted, as sentences. A daemon with one of these refuses to start.
    public private(set) var conflicts: [String] = []

    private var registering = ""

    /// A registrar with what `plugins` bring, in their order.
    public init(_ plugins: [any Plugin] = []) {
        for plugin in plugins {
            registering = plugin.name
            plugin.register(in: &self)
        }
    }

    /// Registers a restart policy under `name`. A second one of that name is a conflict and is not taken.
    public mutating func restartPolicy(
        _ name: String, options: [OptionDeclaration] = [], isDefault: Bool = false,
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any RestartPolicy
    ) {
        let entry = Entry(name: name, plugin: registering, options: options, make: make)
        let conflict = Self.take(
            entry, of: "restart policy", isDefault: isDefault, into: &restartPolicies, standard: &defaultRestartPolicy)
        if let conflict { conflicts.append(conflict) }
    }

    /// Registers a backoff under `name`. A second one of that name is a conflict and is not taken.
    public mutating func backoff(
        _ name: String, options: [OptionDeclaration] = [], isDefault: Bool = false,
        make: @escaping @Sendable (PluginOptions) throws(OptionError) -> any Backoff
    ) {
        let entry = Entry(name: name, plugin: registering, options: options, make: make)
        let conflict = Self.take(
            entry, of: "backoff", isDefault: isDefault, into: &backoffs, standard: &defaultBackoff)
        if let conflict { conflicts.append(conflict) }
    }

    /// Puts `entry` among those of its kind, or answers with whom it conflicts. The first default stays.
    private static func take<Policy>(
        _ entry: Entry<Policy>, of kind: String, isDefault: Bool, into entries: inout [String: Entry<Policy>],
        standard: inout String?
    ) -> String? {
        if let first = entries[entry.name] {
            return "\(kind) '\(entry.name)' comes from two plugins: '\(first.plugin)' and '\(entry.plugin)'"
        }
        entries[entry.name] = entry
        if isDefault, standard == nil { standard = entry.name }
        return nil
    }
}
