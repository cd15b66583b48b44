import SupdConfiguration
import SupdPlugin

/// What plugins have brought by the options that they have now.
final class PluginCatalogue {
    /// The plugins themselves.
    let registrar: PluginRegistrar
    /// What was wrong when the plugins were taken in, for the log.
    let problems: [String]
    /// The hooks of the daemon that its configuration names.
    private var configuredHooks: [PlannedHook]
    /// What each plugin has brought; nothing of one that was left out.
    private var activations = [String: PluginActivation]()
    private(set) var jobs: [PluginActivation.Named<any Job>] = []
    /// By `plugin.NAME.METHOD`.
    private(set) var methods = [String: PluginActivation.Named<ControlMethod>]()
    /// Hooks of the daemon, in the order in which they are run.
    private(set) var daemonHooks: [PlannedHook] = []

    /// What `plugins` bring by the options of `configuration`. One that throws is left out, and said so.
    init(_ plugins: PluginRegistrar, configuration: Configuration) {
        registrar = plugins
        configuredHooks = configuration.supervisor.hooks
        var problems = plugins.conflicts
        for plugin in plugins.plugins {
            do throws(OptionError) {
                var activation = PluginActivation()
                try activation.activate(plugin, options: configuration.plugins[plugin.name] ?? .init([:]))
                activations[plugin.name] = activation
            } catch {
                problems.append("plugin '\(plugin.name)' is left out: '\(error.option)': \(error.message)")
            }
        }
        self.problems = problems + plugins.plugins.flatMap { [activations] in activations[$0.name]?.conflicts ?? [] }
        arrange()
    }

    private var inOrder: [PluginActivation] { registrar.plugins.compactMap { activations[$0.name] } }

    var eventSinks: [PluginActivation.Named<any EventSink>] { inOrder.flatMap(\.eventSinks) }

    /// The configuration names other hooks of the daemon.
    func setHooks(_ hooks: [PlannedHook]) {
        configuredHooks = hooks
        arrange()
    }

    /// What `plugin` brings is from now on what `activation` has.
    func replace(_ plugin: String, by activation: PluginActivation) {
        activations[plugin] = activation
        arrange()
    }

    /// Puts together what the plugins bring, in their order.
    private func arrange() {
        jobs = inOrder.flatMap(\.jobs)
        methods = Dictionary(
            inOrder.flatMap(\.controlMethods).map { ("plugin.\($0.plugin).\($0.name)", $0) },
            uniquingKeysWith: { first, _ in first })
        daemonHooks = Self.inOrder(configuredHooks + inOrder.flatMap(\.hooks), by: \.order)
    }

    /// Lower orders first, equal ones as they were.
    static func inOrder<Hook>(_ hooks: [Hook], by order: (Hook) -> Int) -> [Hook] {
        hooks.enumerated().sorted { (order($0.element), $0.offset) < (order($1.element), $1.offset) }.map(\.element)
    }
}
