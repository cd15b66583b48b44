import SupdJSON
public import SupdPlugin

/// The methods of the control protocol, by their names on the wire.
public enum Method: String, Hashable, Sendable, CaseIterable {
    /// What the daemon is doing, and what it costs.
    case supervisorStatus = "supervisor.status"
    /// A round trip through the daemon's core.
    case supervisorPing = "supervisor.ping"
    /// Versions, and the methods there are.
    case supervisorVersion = "supervisor.version"
    /// Stops everything and stays up.
    case supervisorDrain = "supervisor.drain"
    /// Stops everything and ends.
    case supervisorShutdown = "supervisor.shutdown"
    /// Undoes a drain that holds.
    case supervisorResume = "supervisor.resume"
    /// What instances are.
    case serviceStatus = "service.status"
    /// What has led to what instances are, and what would change it.
    case serviceWhy = "service.why"
    /// Wants services up.
    case serviceStart = "service.start"
    /// Wants services down.
    case serviceStop = "service.stop"
    /// Wants services down and then up.
    case serviceRestart = "service.restart"
    /// Sends a signal to main processes.
    case serviceSignal = "service.signal"
    /// Runs `exec_reload`.
    case serviceReload = "service.reload"
    /// Changes how many instances a service has.
    case serviceScale = "service.scale"
    /// The processes of instances.
    case serviceTree = "service.tree"
    /// What services are told, and where that stands.
    case serviceDefinition = "service.definition"
    /// The graph around services.
    case serviceDependencies = "service.dependencies"
    /// What the start has taken.
    case serviceTiming = "service.timing"
    /// Forgets failures.
    case serviceResetFailed = "service.reset_failed"
    /// The registry.
    case tasksList = "tasks.list"
    /// The last lines in memory.
    case logsRead = "logs.read"
    /// The last lines in memory, and then each that comes.
    case logsFollow = "logs.follow"
    /// What happens, as it happens.
    case eventsSubscribe = "events.subscribe"
    /// What is compiled in.
    case pluginsList = "plugins.list"
    /// What the configuration's files would change.
    case configPlan = "config.plan"
    /// Puts the configuration's files into effect.
    case configReload = "config.reload"
    /// Opens log files anew.
    case logsReopen = "logs.reopen"

    /// The method that a text names; nil for none.
    init?(_ word: JSONWord) {
        guard let place = word.place(in: Self.names) else { return nil }
        self = Self.all[place]
    }

    private static let all = allCases
    private static let names = JSONWordList(all.map(\.rawValue))

    /// What the names of plugins' methods begin with: `plugin.NAME.METHOD`.
    public static let pluginPrefix = "plugin."

    /// What a client must be allowed to before this is called for it.
    public var accessClass: AccessClass { descriptor.access }

    /// The names of the params it takes, in the order the manual has them.
    public var parameters: [Parameter] { descriptor.parameters }

    /// Whether it is about services, which may have rules of their own of who may do what.
    public var isOfServices: Bool { parameters.contains { $0 == .services || $0 == .service } }

    /// What else there is to know of it.
    var descriptor: MethodDescriptor {
        switch self {
        case .supervisorStatus: .supervisorStatus
        case .supervisorPing: .supervisorPing
        case .supervisorVersion: .supervisorVersion
        case .supervisorDrain: .supervisorDrain
        case .supervisorShutdown: .supervisorShutdown
        case .supervisorResume: .supervisorResume
        case .serviceStatus: .serviceStatus
        case .serviceWhy: .serviceWhy
        case .serviceStart: .serviceStart
        case .serviceStop: .serviceStop
        case .serviceRestart: .serviceRestart
        case .serviceSignal: .serviceSignal
        case .serviceReload: .serviceReload
        case .serviceScale: .serviceScale
        case .serviceTree: .serviceTree
        case .serviceDefinition: .serviceDefinition
        case .serviceDependencies: .serviceDependencies
        case .serviceTiming: .serviceTiming
        case .serviceResetFailed: .serviceResetFailed
        case .tasksList: .tasksList
        case .logsRead: .logsRead
        case .logsFollow: .logsFollow
        case .eventsSubscribe: .eventsSubscribe
        case .pluginsList: .pluginsList
        case .configPlan: .configPlan
        case .configReload: .configReload
        case .logsReopen: .logsReopen
        }
    }

    /// The names that params have.
    public enum Parameter: String, Hashable, Sendable, CaseIterable {
        /// Names, instances, globs and `tag:…`.
        case services
        /// One service, by its name.
        case service
        /// How many instances.
        case instances
        /// Whether the reply comes when it is done.
        case wait
        /// How long it waits, in seconds.
        case timeout
        /// Whether everything is killed at once.
        case now
        /// A signal, by name.
        case signal
        /// How many lines.
        case lines
        /// How many changes of an instance.
        case changes
        /// How many instances there may be.
        case atMost = "at_most"
        /// A place in the lines that are in memory.
        case before
        /// Kinds of events.
        case kinds
        /// The number of an event.
        case since
        /// How many events of those that there were.
        case last
        /// Which way relations are followed.
        case direction
        /// The token of a plan.
        case expect
        /// Whether what would be restarted is left running.
        case `defer`

        /// Its place among all of them.
        var place: Int { Self.all.firstIndex(of: self) ?? 0 }

        /// All of them, and what they are called.
        static let all = allCases
        static let names = JSONWordList(all.map(\.rawValue))
    }
}
