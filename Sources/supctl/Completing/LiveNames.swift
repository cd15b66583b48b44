import SupdConnection
import SupdPlugin
import SupdProtocol

/// The names that a running daemon has.
struct LiveNames {
    /// Services, instances, all instances of a service, and tags.
    var selectors: [Completion.Candidate] = []
    /// Services alone.
    var services: [Completion.Candidate] = []
    /// The methods of its plugins.
    var methods: [Completion.Candidate] = []

    /// How long a daemon has for each answer: somebody waits with a finger on a key.
    private static let timeout = Duration.seconds(1)

    /// Which of them are asked for.
    enum Kind {
        case services, methods
    }

    /// Asks the daemon that `supctl` would talk to. Where there is none, or it is slow or refuses, there are no names.
    static func ask(_ kind: Kind, socket: String?) -> LiveNames {
        let path = SocketLocation.forThisProcess(option: socket).path
        guard var connection = try? ControlConnection(connectingTo: path, timeout: timeout) else { return LiveNames() }
        switch kind {
        case .services:
            let list: ServiceList? = try? connection.call(.serviceStatus(ServiceSelection()), timeout: timeout)
            return LiveNames(list?.services ?? [])
        case .methods:
            let plugins: PluginList? = try? connection.call(.pluginsList, timeout: timeout)
            return LiveNames([], plugins)
        }
    }

    init(_ instances: [ServiceStatus] = [], _ plugins: PluginList? = nil) {
        var tags: [String] = []
        for (index, instance) in instances.enumerated() {
            let service = Completion.Candidate(word: instance.service, help: instance.description)
            if index == 0 || instances[index - 1].service != instance.service {
                services.append(service)
                if instance.instance != nil {
                    selectors.append(service)
                    selectors.append(Completion.Candidate(word: "\(instance.service)@*", help: "all its instances"))
                }
            }
            selectors.append(
                Completion.Candidate(
                    word: instance.name,
                    help: instance.description.isEmpty
                        ? instance.state.rawValue : "\(instance.state.rawValue), \(instance.description)"))
            for tag in instance.tags where !tags.contains(tag) { tags.append(tag) }
        }
        selectors += tags.map { Completion.Candidate(word: "tag:\($0)", help: "all with this tag") }
        for state in ServiceState.allCases where instances.contains(where: { $0.state.known == state }) {
            selectors.append(
                Completion.Candidate(
                    word: ServiceSelector.statePrefix + state.rawValue.lowercased(),
                    help: "all that are \(state.rawValue)"))
        }
        let brought = "method \(Method.pluginPrefix)"
        for plugin in plugins?.plugins ?? [] {
            methods += plugin.brings.filter { $0.hasPrefix(brought) }.map {
                Completion.Candidate(word: String($0.dropFirst(brought.count)), help: plugin.summary)
            }
        }
    }
}
