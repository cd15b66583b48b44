import Logging
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What plugins have brought that runs with the daemon, and what of it is under way.
struct PluginHost {
    let inbox: PluginInbox
    let jobs: [PluginActivation.Named<any Job>]
    /// By `plugin.NAME.METHOD`.
    let methods: [String: PluginActivation.Named<ControlMethod>]
    /// Hooks of the daemon, in the order in which they are run.
    let daemonHooks: [PlannedHook]
    /// What was wrong when the plugins were taken in, for the log.
    let problems: [String]
    let logLevel: Logger.Level

    var work = PluginWork()
    var commands = PluginCommands()
    var runs: [Int: HookRun] = [:]
    var lastRun = 0
    var probes = ProbeTable()
    /// Of events first, then of lines.
    let sinks: [SinkQueue]
    var lastEvent: UInt64 = 0

    /// What `plugins` bring by the options of `configuration`, and the queues of services' lines. One that throws is left out, and said
    /// so.
    init(
        _ plugins: PluginRegistrar, configuration: Configuration, logQueues: [SinkQueue], logLevel: LogLevel,
        wake: @escaping @Sendable () -> Void
    ) {
        var activation = PluginActivation()
        var problems = plugins.conflicts
        for plugin in plugins.plugins {
            do throws(OptionError) {
                try activation.activate(plugin, options: configuration.plugins[plugin.name] ?? .init([:]))
            } catch {
                problems.append("plugin '\(plugin.name)' is left out: '\(error.option)': \(error.message)")
            }
        }
        inbox = PluginInbox(wake: wake)
        jobs = activation.jobs
        methods = Dictionary(
            activation.controlMethods.map { ("plugin.\($0.plugin).\($0.name)", $0) },
            uniquingKeysWith: { first, _ in first })
        sinks = activation.eventSinks.map { SinkQueue($0) } + logQueues
        daemonHooks = Self.inOrder(configuration.supervisor.hooks + activation.hooks, by: \.order)
        self.problems = problems + activation.conflicts
        self.logLevel = Logger.Level(logLevel)
    }

    /// Whether something of a plugin's is under way that is about an instance.
    func isBusy(with instance: InstanceID) -> Bool {
        runs.values.contains { $0.instance?.id == instance } || probes.runs.values.contains { $0.instance == instance }
    }

    /// Lower orders first, equal ones as they were.
    static func inOrder<Hook>(_ hooks: [Hook], by order: (Hook) -> Int) -> [Hook] {
        hooks.enumerated().sorted { (order($0.element), $0.offset) < (order($1.element), $1.offset) }.map(\.element)
    }

    /// What work `id` of `plugin` is given.
    func context(of plugin: String, work id: WorkID) -> PluginContext {
        let handler = PluginLogHandler(plugin: plugin, inbox: inbox, logLevel: logLevel)
        return PluginContext(
            logger: Logger(label: plugin) { _ in handler },
            services: LoopServiceControl(plugin: plugin, inbox: inbox),
            tasks: LoopTaskStarter(parent: id, inbox: inbox),
            processes: LoopProcessRunner(plugin: plugin, inbox: inbox))
    }
}
