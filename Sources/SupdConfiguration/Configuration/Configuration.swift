package import SupdPlugin

/// A checked configuration: what `supd` runs. Only the loader makes one, and only from a file without a fault.
package struct Configuration: Sendable {
    /// `[supervisor]`.
    package var supervisor: SupervisorConfiguration
    /// `[service.NAME]`, in the order of the files.
    package var services: [ServiceConfiguration]
    /// Where each of them is.
    package var places = ServicePlaces()
    /// `[plugins.NAME]` of every plugin of the daemon, the standard values where the files say nothing.
    package var plugins: [String: PluginOptions]
    /// What the files say in `[plugins.NAME]`, of each plugin that has a table.
    package var pluginTexts = [String: SettingsText]()
    /// What the files say that will hardly be what was meant, at most a thousand and one: told once, at a check and at the start.
    package var warnings: [ConfigurationFault] = []
    /// What it was read from, in the order of reading: `ConfigurationLoader.changes` tells what has changed since. A pipe is not among it.
    package var files: [FileStamp] = []

    /// A configuration of these.
    package init(
        supervisor: SupervisorConfiguration = .init(), services: [ServiceConfiguration] = [],
        plugins: [String: PluginOptions] = [:]
    ) {
        self.supervisor = supervisor
        self.services = services
        self.plugins = plugins
    }
}
