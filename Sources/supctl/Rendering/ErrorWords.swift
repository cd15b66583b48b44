import SupdConnection
import SupdProtocol

extension ProtocolError {
    /// As a person reads it: what was denied is a method of the protocol, and a verb here.
    var words: String { words(as: nil) }

    /// The same of what was asked for the sake of a verb, which is the one that is named.
    func words(as verb: String?) -> String {
        denial.map { $0.words(of: $0.instance.map { [$0] } ?? [], as: verb) } ?? description
    }
}

extension Denial {
    /// So many of those that it is about are named.
    private static let namesShown = 5

    /// Says of all of `names` what it says of one.
    func words(of names: [String], as verb: String? = nil) -> String {
        let verb = verb ?? Method(rawValue: method)?.verb
        let what = verb.map { "'\($0)'" } ?? method
        return sentence(of: names.isEmpty ? what : "\(what) of \(names.named(atMost: Self.namesShown))")
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
