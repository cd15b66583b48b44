public import SupdJSON

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
        case serviceTree(ServiceSelection)
        /// Forgets failures.
        case serviceResetFailed(ServiceSelection)
        /// The registry.
        case tasksList
        /// The last lines in memory.
        case logsRead(LogsParams)
        /// Undoes a drain that holds.
        case supervisorResume
        /// What is compiled in.
        case pluginsList
        /// A method of a plugin, whose params it reads itself.
        case plugin(PluginCall)

        /// The method's name on the wire.
        public var methodName: String {
            if case .plugin(let call) = self { return call.method }
            return method?.rawValue ?? ""
        }

        /// The method; nil for one of a plugin.
        public var method: Method? {
            switch self {
            case .supervisorStatus: .supervisorStatus
            case .supervisorPing: .supervisorPing
            case .supervisorVersion: .supervisorVersion
            case .supervisorDrain: .supervisorDrain
            case .supervisorShutdown: .supervisorShutdown
            case .serviceStatus: .serviceStatus
            case .serviceStart: .serviceStart
            case .serviceStop: .serviceStop
            case .serviceRestart: .serviceRestart
            case .serviceSignal: .serviceSignal
            case .serviceReload: .serviceReload
            case .serviceScale: .serviceScale
            case .serviceTree: .serviceTree
            case .serviceResetFailed: .serviceResetFailed
            case .tasksList: .tasksList
            case .logsRead: .logsRead
            case .supervisorResume: .supervisorResume
            case .pluginsList: .pluginsList
            case .plugin: nil
            }
        }
    }

    /// What the reply is known by; nil for a notification, which gets no reply.
    public var id: RequestID?
    /// What is asked for.
    public var call: Call

    /// The request of `call`.
    public init(id: RequestID?, call: Call) {
        self.id = id
        self.call = call
    }
}

/// A call of a plugin's method.
public struct PluginCall: Hashable, Sendable {
    /// `plugin.NAME.METHOD`.
    public var method: String
    /// What the plugin is given.
    public var params: JSONObject

    /// The call of `method`.
    public init(method: String, params: JSONObject = JSONObject()) {
        self.method = method
        self.params = params
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
