import SupdPlugin

/// What every part of a load shares.
final class LoadContext {
    let sources: any ConfigurationSources
    let faults: FaultCollector
    let references = OptionReferences()
    let plugins: PluginRegistrar
    let restartPolicies: PluginReader<any RestartPolicy>
    let backoffs: PluginReader<any Backoff>
    let hooks: PluginReader<any ShutdownHook>
    let readinessProbes: PluginReader<any Probe>
    let healthProbes: PluginReader<any Probe>
    let logSinks: PluginReader<any LogSink>
    /// What was read so far.
    var files: [FileStamp] = []
    /// Users and groups already looked up: a thousand services of one user ask the system once.
    var accounts = AccountCache()

    /// What of a command line names the main file; nil where none does.
    let fileOption: String?

    init(plugins: PluginRegistrar, sources: any ConfigurationSources, fileOption: String? = nil) {
        self.sources = sources
        self.fileOption = fileOption
        faults = FaultCollector()
        self.plugins = plugins
        restartPolicies = PluginReader(
            plugins.restartPolicies, nameKey: "policy", faults: faults, references: references)
        backoffs = PluginReader(plugins.backoffs, nameKey: "policy", faults: faults, references: references)
        hooks = PluginReader(
            plugins.shutdownHooks, nameKey: HookKey.run.rawValue, reserved: HookKey.allCases.map(\.rawValue),
            faults: faults, references: references)
        readinessProbes = PluginReader(
            plugins.readinessProbes, nameKey: ProbeKey.type.rawValue,
            reserved: ProbeKey.ofReadiness.map(\.rawValue), others: ReadyReader.words,
            faults: faults, references: references)
        logSinks = PluginReader(
            plugins.logSinks, nameKey: LogReader.sinkKey, others: LogReader.ownSinks, faults: faults,
            references: references)
        healthProbes = PluginReader(
            plugins.healthProbes, nameKey: ProbeKey.type.rawValue, reserved: ProbeKey.allCases.map(\.rawValue),
            faults: faults, references: references)
    }
}
