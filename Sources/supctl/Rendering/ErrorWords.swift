import SupdConnection
import SupdProtocol

extension ProtocolError {
    /// As a person reads it: what a message begins with as a method of the protocol is a verb here, that of the method.
    var words: String { words(as: nil) }

    /// The same of what was asked for the sake of a verb, which is the one that is named.
    func words(as verb: String?) -> String {
        let text = description
        let first = text.prefix { $0 != " " }
        guard let method = Method(rawValue: String(first)) else { return text }
        return "'\(verb ?? method.verb)'" + text.dropFirst(first.count)
    }
}

extension ClientError {
    /// The same of what the daemon has refused.
    var words: String { words(as: nil) }

    func words(as verb: String?) -> String {
        guard case .refused(let refusal) = self else { return description }
        return refusal.words(as: verb)
    }
}

extension Verb {
    /// What it is called; nil for a method of a plugin's.
    var name: String? {
        switch self {
        case .top: "top"
        case .wait: "wait"
        case .journal: "logs"
        default: call.method?.verb
        }
    }
}

extension Method {
    /// The verb that asks for it first of all.
    var verb: String {
        switch self {
        case .supervisorStatus: "info"
        case .supervisorPing: "ping"
        case .supervisorVersion: "version"
        case .supervisorDrain: "drain"
        case .supervisorShutdown: "shutdown"
        case .supervisorResume: "resume"
        case .serviceStatus: "status"
        case .serviceWhy: "why"
        case .serviceStart: "start"
        case .serviceStop: "stop"
        case .serviceRestart: "restart"
        case .serviceReload: "reload"
        case .serviceScale: "scale"
        case .serviceTree: "tree"
        case .serviceDefinition: "cat"
        case .serviceDependencies: "list-dependencies"
        case .serviceTiming: "analyze"
        case .serviceSignal: "signal"
        case .serviceResetFailed: "reset-failed"
        case .logsRead, .logsFollow: "logs"
        case .logsReopen: "reopen-logs"
        case .eventsSubscribe: "events"
        case .tasksList: "tasks"
        case .configPlan: "plan"
        case .configReload: "apply"
        case .pluginsList: "plugins"
        }
    }
}
