/// A request as the daemon acts on it: checked, and with the params its method takes.
public struct Request: Hashable, Sendable {
    /// What a request asks for.
    public enum Call: Hashable, Sendable {
        /// What the daemon is doing, and what it costs.
        case supervisorStatus
        /// A round trip through the daemon's core.
        case supervisorPing
        /// Versions, and the methods there are.
        case supervisorVersion
        /// Stops everything and stays up.
        case supervisorDrain(DrainParams)
        /// Stops everything and ends.
        case supervisorShutdown(DrainParams)
        /// What instances are.
        case serviceStatus(ServiceSelection)
        /// What has led to what instances are, and what would change it.
        case serviceWhy(WhyParams)
        /// Wants services up.
        case serviceStart(OrderParams)
        /// Wants services down.
        case serviceStop(OrderParams)
        /// Wants services down and then up.
        case serviceRestart(OrderParams)
        /// Sends a signal to main processes.
        case serviceSignal(SignalParams)
        /// Runs `exec_reload`.
        case serviceReload(OrderParams)
        /// Changes how many instances a service has.
        case serviceScale(ScaleParams)
        /// The processes of instances.
        case serviceTree(TreeParams)
        /// What services are told, and where that stands.
        case serviceDefinition(ServiceSelection)
        /// The graph around services.
        case serviceDependencies(DependencyParams)
        /// What the start has taken.
        case serviceTiming(ServiceSelection)
        /// Forgets failures.
        case serviceResetFailed(ServiceSelection)
        /// The registry.
        case tasksList
        /// The last lines in memory.
        case logsRead(LogsParams)
        /// The last lines in memory, and then each that comes.
        case logsFollow(FollowParams)
        /// What happens, as it happens.
        case eventsSubscribe(EventParams)
        /// Undoes a drain that holds.
        case supervisorResume
        /// What is compiled in.
        case pluginsList
        /// What the configuration's files would change.
        case configPlan
        /// Puts the configuration's files into effect.
        case configReload(ReloadParams)
        /// Opens log files anew.
        case logsReopen(ServiceSelection)
        /// A method of a plugin, whose params it reads itself.
        case plugin(PluginCall)

        /// The method's name on the wire.
        public var methodName: String {
            if case .plugin(let call) = self { return call.method }
            return method?.rawValue ?? ""
        }

        /// The method; nil for one of a plugin.
        public var method: Method? { parts.method }

        /// The method, nil for one of a plugin, and what it is given, nil where it takes no params.
        var parts: (method: Method?, params: (any WrittenParams)?) {
            switch self {
            case .supervisorStatus: (.supervisorStatus, nil)
            case .supervisorPing: (.supervisorPing, nil)
            case .supervisorVersion: (.supervisorVersion, nil)
            case .supervisorDrain(let params): (.supervisorDrain, params)
            case .supervisorShutdown(let params): (.supervisorShutdown, params)
            case .serviceStatus(let params): (.serviceStatus, params)
            case .serviceWhy(let params): (.serviceWhy, params)
            case .serviceStart(let params): (.serviceStart, params)
            case .serviceStop(let params): (.serviceStop, params)
            case .serviceRestart(let params): (.serviceRestart, params)
            case .serviceSignal(let params): (.serviceSignal, params)
            case .serviceReload(let params): (.serviceReload, params)
            case .serviceScale(let params): (.serviceScale, params)
            case .serviceTree(let params): (.serviceTree, params)
            case .serviceDefinition(let params): (.serviceDefinition, params)
            case .serviceDependencies(let params): (.serviceDependencies, params)
            case .serviceTiming(let params): (.serviceTiming, params)
            case .serviceResetFailed(let params): (.serviceResetFailed, params)
            case .tasksList: (.tasksList, nil)
            case .logsRead(let params): (.logsRead, params)
            case .logsFollow(let params): (.logsFollow, params)
            case .eventsSubscribe(let params): (.eventsSubscribe, params)
            case .supervisorResume: (.supervisorResume, nil)
            case .pluginsList: (.pluginsList, nil)
            case .configPlan: (.configPlan, nil)
            case .configReload(let params): (.configReload, params)
            case .logsReopen(let params): (.logsReopen, params)
            case .plugin(let call): (nil, call)
            }
        }
    }

    /// What the reply is known by; nil for a notification, which gets no reply.
    public var id: RequestID?
    /// What is asked for.
    public let call: Call
    /// Its method; nil for one of a plugin.
    public let method: Method?
}

// Apart from the type, which keeps the initializer that it has by itself so: one that is written out copies what it makes.
extension Request {
    /// The request of `call`.
    public init(id: RequestID?, call: Call) {
        self.init(id: id, call: call, method: call.method)
    }
}

/// A line that is no request that can be carried out.
public struct RejectedRequest: Error, Hashable, Sendable {
    /// What is wrong with it.
    public var error: ProtocolError
    /// The id, where one could be read. A reply without one has the id null.
    public var id: RequestID?
    /// Whether it was a notification (an object with a method and no id): JSON-RPC 2.0 answers none, not even with an
    /// error.
    public var isNotification: Bool

    /// A line refused with `error`.
    public init(error: ProtocolError, id: RequestID?, isNotification: Bool = false) {
        self.error = error
        self.id = id
        self.isNotification = isNotification
    }
}
