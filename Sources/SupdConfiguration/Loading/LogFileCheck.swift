import SupdPlugin

/// Looks for log files that are none, where another sink was meant, for folders in their place, and for folders that are not there.
struct LogFileCheck {
    private static let meant: [String: (what: String, sink: String)] = [
        "/dev/stdout": ("supd's own standard output", "\"inherit\", with which the service writes there itself"),
        "/dev/stderr": ("supd's own standard error", "\"stderr\", with name and time before each line"),
        "/dev/null": ("nowhere", "\"none\""),
    ]

    /// Warns of each of `services` whose log file is likely not what was meant, and, once a folder, of one that is not there.
    static func run(services: [ServiceDraft], sources: any ConfigurationSources, faults: FaultCollector) {
        var known = [String: Bool]()
        for draft in services {
            guard draft.conduct.log.sink == .file, draft.conduct.log.planned == nil,
                let file = draft.conduct.log.file,
                let place = draft.logFilePlace
            else { continue }
            if let meant = meant[canonical(file)] {
                faults.warn("'log.file' is \(meant.what): did you mean sink = \(meant.sink)?", at: place)
                continue
            }
            let service = draft.configuration
            let instance = InstanceName(service: service.name, index: service.instances > 1 ? 1 : nil)
            guard let path = try? expandSpecifiers(file, instance: instance) else { continue }
            let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
            let folder = String(path[..<slash])
            if sources.isFolder(path) == true {
                faults.warn(
                    "'log.file' is the folder \(path): what '\(service.name)' writes is lost; name a file in it",
                    at: place)
                continue
            }
            guard !folder.isEmpty, known[folder] == nil else { continue }
            let isThere = sources.isFolder(folder) ?? true
            known[folder] = isThere
            if !isThere {
                faults.warn(
                    "the folder of 'log.file' is not there, and supd does not make it: what '\(service.name)' writes is lost "
                        + "until there is a folder \(folder)", at: place)
            }
        }
    }

    /// Whether a path certainly names no file that is rotated: an output of supd's own, whatever that is, nowhere, or a terminal.
    static func isNeverRotated(_ path: String) -> Bool {
        // Each start looks at each log file, and hardly one of them is there.
        guard path.hasPrefix("/dev/") || path.hasPrefix("/proc/") else { return false }
        let path = canonical(path)
        return meant[path] != nil
            || ["/dev/console", "/dev/tty", "/dev/pts/", "/proc/"].contains { path.hasPrefix($0) }
    }

    /// The shortest of the names that mean the same.
    private static func canonical(_ path: String) -> String {
        let path = FilePath.normalized(path)
        return switch path {
        case "/dev/fd/1", "/proc/self/fd/1": "/dev/stdout"
        case "/dev/fd/2", "/proc/self/fd/2": "/dev/stderr"
        default: path
        }
    }
}
