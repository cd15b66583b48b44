import SupdConnection
import SupdProtocol

extension ProtocolError {
    /// As a person reads it: what a message begins with as a method of the protocol is a verb here.
    var words: String {
        let text = description
        let first = text.prefix { $0 != " " }
        guard let method = Method(rawValue: String(first)) else { return text }
        return "'\(method.verb)'" + text.dropFirst(first.count)
    }
}

extension ClientError {
    /// The same of what the daemon has refused.
    var words: String {
        guard case .refused(let refusal) = self else { return description }
        return refusal.words
    }
}

extension ClientError {
    /// The same of what was asked by another method for the sake of this one.
    func asked(by method: Method) -> ClientError {
        guard case .refused(var refusal) = self else { return self }
        let first = refusal.message.prefix { $0 != " " }
        guard Method(rawValue: String(first)) != nil else { return self }
        refusal.message = method.rawValue + refusal.message.dropFirst(first.count)
        return .refused(refusal)
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
