package import SupdPlugin

/// What plugins bring by options that have changed. It is made beside the loop, and taken in on it (`Supervisor.exchange`).
package struct PluginRevival: Sendable {
    /// By the order of the daemon's list.
    let activations: [(plugin: String, activation: PluginActivation)]

    /// Activates those of `plugins` that `names` has anew, by their `options`, or the standard ones. Throws the refusal of the first that does not take
    /// them: then none is to be exchanged.
    package init(
        _ plugins: PluginRegistrar, names: [String], options: [String: PluginOptions]
    ) throws(PluginRefusal) {
        var activations: [(plugin: String, activation: PluginActivation)] = []
        for plugin in plugins.plugins where names.contains(plugin.name) {
            var activation = PluginActivation()
            do throws(OptionError) {
                try activation.activate(
                    plugin, options: options[plugin.name] ?? PluginOptions(standardsOf: plugin.options))
            } catch {
                throw PluginRefusal(plugin: plugin.name, error: error)
            }
            activations.append((plugin.name, activation))
        }
        self.activations = activations
    }

    /// The plugins that are exchanged.
    package var names: [String] { activations.map(\.plugin) }
}

/// A plugin does not take its options.
package struct PluginRefusal: Error, CustomStringConvertible {
    /// The plugin.
    package let plugin: String
    /// What it says, and of which option.
    package let error: OptionError

    /// A sentence.
    package var description: String { "plugin '\(plugin)' refuses its options: '\(error.option)': \(error.message)" }
}
