import SupdConfiguration
import SupdEngine
import SupdProtocol

/// What was read, as far as it is asked for.
enum ReadConfiguration: Sendable {
    /// What it would change.
    case plan(EncodedPlan)
    /// That, and all that is needed to put it into effect.
    case whole(PreparedConfiguration)

    var reply: EncodedPlan {
        switch self {
        case .plan(let reply): reply
        case .whole(let prepared): prepared.reply
        }
    }
}

/// Why a configuration that was read is not put into effect.
enum ConfigurationRefusal: Error {
    case faults(ConfigurationFaults)
    /// The loader finds these first.
    case dependencies(DependencyError)
    /// A plugin does not take its options.
    case plugin(PluginRefusal)

    /// A line for each fault.
    var lines: [String] {
        switch self {
        case .faults(let faults): faults.faults.map(\.description)
        case .dependencies(let error): ["\(error)"]
        case .plugin(let refusal): ["\(refusal)"]
        }
    }

    var error: ProtocolError {
        switch self {
        case .faults(let faults):
            .invalidConfiguration(
                faults.faults.map {
                    .init(file: $0.file, line: $0.line, column: $0.column, message: $0.message)
                })
        case .dependencies(let error): ProtocolError(.failed, "\(error)")
        case .plugin(let refusal): ProtocolError(.failed, "\(refusal); nothing was changed")
        }
    }
}
