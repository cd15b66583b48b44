package import SupdPlugin

/// Reads a configuration: text in, a checked value or everything that is wrong with it out.
///
/// A load asks `sources` and changes nothing; it may be repeated at any time, and two loads of the same files are the
/// same. Whatever the files hold, it ends and never traps.
package struct ConfigurationLoader: Sendable {
    private let plugins: PluginRegistrar
    private let sources: any ConfigurationSources

    /// A loader that knows the policies of `plugins` and reads from `sources`.
    package init(plugins: PluginRegistrar, sources: any ConfigurationSources) {
        self.plugins = plugins
        self.sources = sources
    }

    /// The configuration of the file at `path` and all that it includes, or every fault there is.
    package func load(path: String) -> Result<Configuration, ConfigurationFaults> {
        let context = LoadContext(plugins: plugins, sources: sources)
        let (roots, isComplete) = FileReader.read(path, context: context)
        var assembly = Assembly(context: context)
        for root in roots { assembly.add(root) }
        var configuration = assembly.configuration(allWereRead: isComplete)
        if let faults = context.faults.faults() { return .failure(faults) }
        configuration.warnings = context.faults.warnings()
        return .success(configuration)
    }
}
