import SupdPlugin
import SupdProtocol

/// What stands below the table of `supctl` alone, for whoever does not know how to go on.
enum Hints {
    /// Three commands about the service that is most worth a look, each a verb of `command`.
    static func text(_ services: [ServiceStatus], command: String = "supctl", terminal: Terminal) -> String {
        guard let name = (services.max { concern($0) < concern($1) }?.name).map(DisplayText.safe) else { return "" }
        let hints = [
            ("\(command) status \(name)", "all that is known of it"),
            ("\(command) why \(name)", "why it is as it is, and what would change it"),
            ("\(command) logs -f \(name)", "what it writes"),
        ]
        let width = hints.map { DisplayText.width(of: $0.0) }.max() ?? 0
        let page = Page(terminal)
        let lines = hints.map { page.line($0.1, beside: page.padded($0.0, to: width), nil, gap: 3, indent: 0) }
        return "\n" + lines.joined() + page.cut("All commands: supctl --help")
    }

    private static func concern(_ service: ServiceStatus) -> Int {
        switch service.state.known {
        case .fatal: 4
        case .backoff: 3
        case .exited: service.lastExit?.success == false ? 3 : 0
        case .running: service.health?.known == .unhealthy ? 2 : 0
        case .stopped: service.desired.known == .up ? 2 : 0
        case .starting, .stopping, nil: 1
        }
    }
}
