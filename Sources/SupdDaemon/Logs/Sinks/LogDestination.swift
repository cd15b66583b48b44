/// Where an instance's lines go.
enum LogDestination {
    /// The daemon's standard error.
    case standardError(StandardErrorOutlet)
    /// The journal.
    case journal(JournalOutlet)
    /// A file of its own.
    case file(FileSink)
    /// What waits for a plugin's log sink.
    case plugin(SinkQueue)
    /// Nowhere.
    case none
}

extension LogDestination {
    /// Whether it has room; nil where it is nowhere.
    var flow: FlowControl? {
        switch self {
        case .standardError(let outlet): outlet.flow
        case .journal(let outlet): outlet.flow
        case .file(let file): file.flow
        case .plugin(let queue): queue.flow
        case .none: nil
        }
    }

    /// The file, where it is one.
    var file: FileSink? {
        if case .file(let file) = self { file } else { nil }
    }

    /// The file, where it is the one at `path`.
    func file(at path: String) -> FileSink? { file.flatMap { $0.path == path ? $0 : nil } }

    /// The queue, where it is a plugin's sink.
    var queue: SinkQueue? {
        if case .plugin(let queue) = self { queue } else { nil }
    }
}
