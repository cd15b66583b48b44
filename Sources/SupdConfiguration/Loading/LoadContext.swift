import SupdPlugin

/// What every part of a load shares.
final class LoadContext {
    let sources: any ConfigurationSources
    let faults: FaultCollector
    let restartPolicies: PolicyReader<any RestartPolicy>
    let backoffs: PolicyReader<any Backoff>
    /// Users and groups already looked up: a thousand services of one user ask the system once.
    var accounts = AccountCache()

    init(plugins: PluginRegistrar, sources: any ConfigurationSources) {
        self.sources = sources
        faults = FaultCollector()
        restartPolicies = PolicyReader(
            kind: "restart policy", entries: plugins.restartPolicies, standard: plugins.defaultRestartPolicy,
            faults: faults)
        backoffs = PolicyReader(
            kind: "backoff", entries: plugins.backoffs, standard: plugins.defaultBackoff, faults: faults)
    }
}
