/// Where a plugin puts what runs with the daemon.
public struct PluginActivation: Sendable {
    /// Something of a plugin under a name.
    public struct Named<Value: Sendable>: Sendable {
        /// Its name.
        public var name: String
        /// The plugin it came from.
        public var plugin: String
        /// What it is.
        public var value: Value
    }

    /// What was added.
    public private(set) var hooks: [PlannedHook] = []
    /// What was added.
    public private(set) var jobs: [Named<any Job>] = []
    /// What was added.
    public private(set) var eventSinks: [Named<any EventSink>] = []
    /// What was added.
    public private(set) var controlMethods: [Named<ControlMethod>] = []
    /// Names that one plugin gave twice, as sentences; the second is left out.
    public private(set) var conflicts: [String] = []

    private var plugin = ""

    /// Nothing yet.
    public init() {}

    /// Has `plugin` add what it brings. Throws its error, and then takes nothing of it.
    public mutating func activate(_ plugin: any Plugin, options: PluginOptions) throws(OptionError) {
        var attempt = self
        attempt.plugin = plugin.name
        try plugin.activate(options, in: &attempt)
        self = attempt
    }

    /// Runs `hook` at `point`, which is one of the daemon's: `beforeServices` or `afterServices`. It is cancelled after
    /// `budget`, which is at least a millisecond and never longer than what its phase has left.
    public mutating func shutdownHook(
        _ name: String, at point: HookPoint, order: Int = 0, budget: Duration = .seconds(5), _ hook: any ShutdownHook
    ) {
        guard isNew(name, "hook", among: hooks.lazy.filter { [plugin] in $0.plugin == plugin }.map(\.name)) else {
            return
        }
        hooks.append(
            PlannedHook(
                name: name, plugin: plugin, point: point, order: order, budget: max(budget, .milliseconds(1)),
                hook: hook))
    }

    /// Runs `job` with the daemon.
    public mutating func job(_ name: String, _ job: any Job) {
        guard isNew(name, "job", among: names(jobs)) else { return }
        jobs.append(Named(name: name, plugin: plugin, value: job))
    }

    /// Gives every event to `sink`.
    public mutating func eventSink(_ name: String, _ sink: any EventSink) {
        guard isNew(name, "event sink", among: names(eventSinks)) else { return }
        eventSinks.append(Named(name: name, plugin: plugin, value: sink))
    }

    /// Adds `method` to the control protocol.
    public mutating func controlMethod(_ method: ControlMethod) {
        guard isNew(method.name, "control method", among: names(controlMethods)) else { return }
        controlMethods.append(Named(name: method.name, plugin: plugin, value: method))
    }

    private func names<Value>(_ list: [Named<Value>]) -> some Sequence<String> {
        list.lazy.filter { [plugin] in $0.plugin == plugin }.map(\.name)
    }

    private mutating func isNew(_ name: String, _ what: String, among others: some Sequence<String>) -> Bool {
        guard others.contains(name) else { return true }
        conflicts.append("plugin '\(plugin)' adds two of \(what) '\(name)'")
        return false
    }
}
