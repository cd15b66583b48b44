import SupdConfiguration
import SupdEngine
import SupdProtocol

/// What was read, as far as it is asked for.
enum ReadConfiguration: Sendable {
    /// What it would change, as each of those who ask is told it.
    case plans([EncodedPlan])
    /// That, and all that is needed to put it into effect.
    case whole(PreparedConfiguration)

    var replies: [EncodedPlan] {
        switch self {
        case .plans(let replies): replies
        case .whole(let prepared): prepared.replies
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

    /// As `viewer` may be told it: sentences that may name any service not at all where there is one that he may not see.
    func error(for viewer: Viewer?) -> ProtocolError {
        let isTold = viewer?.seesEverything ?? true
        switch self {
        case .faults(let faults) where !isTold:
            return .invalidConfiguration(unnamed: faults.faults.count)
        case .dependencies where !isTold, .plugin where !isTold:
            return ProtocolError(.failed, "nothing was changed: the reason is \(Sentence.untold)")
        case .faults(let faults):
            return .invalidConfiguration(
                faults.faults.map {
                    .init(file: $0.file, line: $0.line, column: $0.column, message: $0.message)
                })
        case .dependencies(let error): return ProtocolError(.failed, "\(error)")
        case .plugin(let refusal): return ProtocolError(.failed, "\(refusal); nothing was changed")
        }
    }
}
