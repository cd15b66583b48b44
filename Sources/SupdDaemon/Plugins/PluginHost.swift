import Logging
import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What plugins have brought that runs with the daemon, and what of it is under way.
struct PluginHost {
    let inbox: PluginInbox
    /// The plugins themselves.
    let registrar: PluginRegistrar
    /// The hooks of the daemon that its configuration names.
    var configuredHooks: [PlannedHook] { didSet { arrange() } }
    /// What each plugin has brought by its options of now; nothing of one that was left out.
    private var activations: [String: PluginActivation] = [:]
    private(set) var jobs: [PluginActivation.Named<any Job>] = []
    /// By `plugin.NAME.METHOD`.
    private(set) var methods: [String: PluginActivation.Named<ControlMethod>] = [:]
    /// Hooks of the daemon, in the order in which they are run.
    private(set) var daemonHooks: [PlannedHook] = []
    /// What was wrong when the plugins were taken in, for the log.
    let problems: [String]
    let logLevel: Logger.Level

    var work = PluginWork()
    var programs = PluginPrograms()
    var runs: [Int: HookRun] = [:]
    var lastRun = 0
    var probes = ProbeTable()
    var sinks = SinkTable()
    /// What is on its way out.
    var departures = DepartureTable()
    /// The plugins whose old jobs and sinks are on their way out, and whose new ones wait for that.
    var exchanging: Set<String> = []
    var lastEvent: UInt64 = 0

    /// What `plugins` bring by the options of `configuration`, and the queues of services' lines. One that throws is left out, and said
    /// so.
    init(
        _ plugins: PluginRegistrar, configuration: Configuration, logQueues: [SinkQueue], logLevel: LogLevel,
        wake: @escaping @Sendable () -> Void
    ) {
        registrar = plugins
        configuredHooks = configuration.supervisor.hooks
        inbox = PluginInbox(wake: wake)
        self.logLevel = Logger.Level(logLevel)
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
        let inOrder = plugins.plugins.compactMap { [activations] in activations[$0.name] }
        self.problems = problems + inOrder.flatMap(\.conflicts)
        for sink in inOrder.flatMap(\.eventSinks) { sinks.add(SinkQueue(sink)) }
        for queue in logQueues { sinks.add(queue) }
        arrange()
    }

    /// What `plugin` brings is from now on what `activation` has.
    mutating func replace(_ plugin: String, by activation: PluginActivation) {
        activations[plugin] = activation
        arrange()
    }

    /// Puts together what the plugins bring, in their order.
    private mutating func arrange() {
        let inOrder = registrar.plugins.compactMap { activations[$0.name] }
        jobs = inOrder.flatMap(\.jobs)
        methods = Dictionary(
            inOrder.flatMap(\.controlMethods).map { ("plugin.\($0.plugin).\($0.name)", $0) },
            uniquingKeysWith: { first, _ in first })
        daemonHooks = Self.inOrder(configuredHooks + inOrder.flatMap(\.hooks), by: \.order)
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
