public import SupdPlugin

/// The methods of the control protocol, by their names on the wire.
public enum Method: String, Hashable, Sendable, CaseIterable {
    case supervisorStatus = "supervisor.status"
    case supervisorPing = "supervisor.ping"
    case supervisorVersion = "supervisor.version"
    case supervisorDrain = "supervisor.drain"
    case supervisorShutdown = "supervisor.shutdown"
    case supervisorResume = "supervisor.resume"
    case serviceStatus = "service.status"
    case serviceStart = "service.start"
    case serviceStop = "service.stop"
    case serviceRestart = "service.restart"
    case serviceSignal = "service.signal"
    case serviceResetFailed = "service.reset_failed"
    case tasksList = "tasks.list"
    case logsRead = "logs.read"
    case pluginsList = "plugins.list"

    /// What the names of plugins' methods begin with: `plugin.NAME.METHOD`.
    public static let pluginPrefix = "plugin."

    /// What a client must be allowed to before this is called for it.
    public var accessClass: AccessClass {
        switch self {
        case .supervisorStatus, .supervisorPing, .supervisorVersion, .serviceStatus, .tasksList, .logsRead,
            .pluginsList:
            .observe
        case .serviceStart, .serviceStop, .serviceRestart, .serviceSignal, .serviceResetFailed: .operate
        case .supervisorDrain, .supervisorShutdown, .supervisorResume: .admin
        }
    }

    /// The names of the params it takes, in the order the manual has them.
    public var parameters: [Parameter] {
        switch self {
        case .supervisorStatus, .supervisorPing, .supervisorVersion, .supervisorResume, .tasksList, .pluginsList: []
        case .supervisorDrain: [.wait, .timeout]
        case .supervisorShutdown: [.wait, .timeout, .now]
        case .serviceStatus, .serviceResetFailed: [.services]
        case .serviceStart, .serviceStop, .serviceRestart: [.services, .wait, .timeout]
        case .serviceSignal: [.services, .signal]
        case .logsRead: [.services, .lines]
        }
    }

    /// The names that params have.
    public enum Parameter: String, Hashable, Sendable, CaseIterable {
        case services, wait, timeout, now, signal, lines
    }
}
