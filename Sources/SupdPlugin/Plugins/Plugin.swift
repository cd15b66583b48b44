/// A plugin: a target compiled into a daemon, listed in its `main`, that brings what the daemon does not have.
///
/// The policies that come with supd are plugins like any other: the core knows none of them by name. A plugin that throws,
/// hangs, blocks its thread or floods costs itself, with its name in the log, and nobody else.
///
/// The daemon calls, in this order: `register` before the configuration is read; `validate` when it is (`supd check` ends
/// there); `activate` when the daemon starts, and again when the plugin's options have changed.
public protocol Plugin: Sendable {
    /// The plugin's name: letters, digits and `-`. Its options stand in `[plugins.NAME]`, its methods are
    /// `plugin.NAME.METHOD`, and errors and the log say it.
    var name: String { get }
    /// The plugin's version, for people.
    var version: String { get }
    /// What it does, in a sentence.
    var summary: String { get }
    /// What `[plugins.NAME]` may say.
    var options: [OptionDeclaration] { get }
    /// Registers what the configuration can name: policies, hooks, probes, log sinks. Called once.
    func register(in registrar: inout PluginRegistrar)
    /// Refuses options that are each right but wrong together. Must have no effect: it is called for every check.
    func validate(_ options: PluginOptions) throws(OptionError)
    /// Brings what runs with the daemon: jobs, event sinks, control methods, hooks of the daemon. `options` have passed
    /// `validate`. Called before any service is started, and again, on any thread, when they have changed: then what was brought
    /// before is taken down, its jobs within their time, and what this brings follows it.
    func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError)
}

extension Plugin {
    /// No version.
    public var version: String { "0" }
    /// Nothing to say.
    public var summary: String { "" }
    /// No options.
    public var options: [OptionDeclaration] { [] }
    /// Registers nothing.
    public func register(in registrar: inout PluginRegistrar) {}
    /// Accepts all that is of the declared types.
    public func validate(_ options: PluginOptions) throws(OptionError) {}
    /// Brings nothing that runs.
    public func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {}
}

/// The version of this interface: of `SupdPlugin`, as a whole.
public enum PluginInterface {
    /// Counts up whenever a plugin has to be changed to compile or to mean the same.
    public static let version = 1
    /// The release of supd that it is part of, and of the plugins that come with it.
    public static let release = "0.1.0"
}
