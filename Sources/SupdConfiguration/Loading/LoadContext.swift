import SupdPlugin

/// What every part of a load shares.
final class LoadContext {
    let plugins: PluginRegistrar
    let sources: any ConfigurationSources
    let faults = FaultCollector()
    /// Users and groups already looked up: a thousand services of one user ask the system once.
    var accounts = AccountCache()

    init(plugins: PluginRegistrar, sources: any ConfigurationSources) {
        self.plugins = plugins
        self.sources = sources
    }
}
