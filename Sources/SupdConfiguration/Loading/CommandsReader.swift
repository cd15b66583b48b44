import SupdPlugin

/// Reads the commands of a service beside `exec_start`. What they may take by default depends on how the service starts
/// and stops, so that is read before.
struct CommandsReader {
    private static let keys: [(key: ServiceKey, command: ServiceCommand)] = [
        (.execStartPre, .startPre), (.execStartPost, .startPost), (.execReload, .reload), (.execStop, .stop),
        (.execStopPost, .stopPost),
    ]

    let reader: TableReader<ServiceKey>
    /// The keys of the service's own table.
    let own: KnownSettings<ServiceKey>
    /// Whether the type may stand elsewhere.
    let isPart: Bool

    /// Puts the commands where they belong.
    func read(into service: inout ServiceConfiguration) {
        let whileStarting = service.conduct.timeoutStart ?? ServiceConduct.ordinaryTimeoutStart
        let whileStopping = service.conduct.stopSteps.reduce(Duration.zero) { $0 + $1.wait }
        for (key, command) in Self.keys {
            let timeout: Duration
            switch command {
            case .startPre, .startPost, .reload: timeout = whileStarting
            case .stop, .stopPost: timeout = whileStopping
            }
            let commands = reader.read(key, as: .commands(timeout: timeout)) ?? []
            if let advice = Self.advice(against: command, of: service.conduct.type) {
                // What `[defaults]` have of it is for the others.
                guard !isPart, let setting = own[key] else { continue }
                reader.faults.add(
                    "'\(key.rawValue)' is for a service that goes on running, and '\(service.name)' is a oneshot: \(advice)",
                    at: setting.place)
            } else if command == .reload, service.conduct.reloadSignal != nil {
                // A command of its own was refused with what is read of notifications; one of `[defaults]` is not for it.
                continue
            } else if !commands.isEmpty {
                service.conduct.commands[command] = commands
            }
        }
    }

    /// What to do in place of a command that a service of `type` cannot have; nil where it can.
    private static func advice(against command: ServiceCommand, of type: ServiceType) -> String? {
        guard type == .oneshot else { return nil }
        return switch command {
        case .stop: "'exec_stop_post' is run after every end of one"
        case .reload: "take it out, and start the service again where its work is to be done again"
        case .startPre, .startPost, .stopPost: nil
        }
    }
}
