import SupdPlugin

/// Reads `log`.
struct LogReader {
    let context: LoadContext

    /// The bounds of `max_line`: a line shorter than what a terminal shows is no use, a longer one is held in memory.
    static let maxLine = 64...(1 << 20)
    /// The bounds of `memory`, where it is not 0.
    static let memory = 1024...(16 << 20)
    /// The bounds of `rotate_size`, where it is not 0; under a page a file would be rotated with every other line.
    static let rotateSize = 4096...(1 << 50)
    /// The bounds of `rotate_keep`.
    static let rotateKeep = 0...1_000

    /// What names the sink of a plugin in a table of its own.
    static let sinkKey = "type"
    /// The sinks that no plugin brings.
    static let ownSinks = LogConfiguration.Sink.allCases.map(\.rawValue)

    /// Where the lines go. A file is that of the service's user, `identity`, unless another owner is named.
    func configuration(_ subject: Subject?, of identity: Identity?) -> LogConfiguration {
        var log = LogConfiguration()
        log.owner = identity.map { FileOwner(uid: $0.uid, gid: $0.gid) }
        guard let subject, let reader = TableReader<LogKey>(subject, faults: context.faults) else { return log }
        if let sink = reader.subject(.sink) { read(sink, into: &log) }
        reader.read(.stderr, as: .word(), into: &log.standardError)
        reader.read(.overflow, as: .word(), into: &log.overflow)
        reader.read(.memory, as: .sizeOrZero(Self.memory), into: &log.memory)
        reader.read(.levelPrefix, as: .bool, into: &log.levelPrefix)
        reader.read(.maxLine, as: .size(Self.maxLine), into: &log.maxLine)
        reader.read(.file, as: .logFile, into: &log.file)
        reader.read(.rotateSize, as: .sizeOrZero(Self.rotateSize), into: &log.rotateSize)
        reader.read(.rotateKeep, as: .integer(Self.rotateKeep), into: &log.rotateKeep)
        if let owner = reader.subject(.owner) { log.owner = OwnerReader(context: context).owner(owner) }
        reader.read(.mode, as: .octal("mode"), into: &log.mode)
        return log
    }

    /// A word of supd's own, or what a plugin brings.
    private func read(_ subject: Subject, into log: inout LogConfiguration) {
        let own = Self.ownSinks
        let names = context.plugins.logSinks.names
        guard let word = subject.value.string else {
            guard let settings = subject.settings else {
                return subject.refuse(
                    "one of \(own.map { "\"\($0)\"" }.joined(separator: ", ")), or a plugin's log sink")
            }
            if let name = settings[Self.sinkKey]?.value.string, own.contains(name) {
                return subject.fault("of type \"\(name)\" is supd's own and has no options: write sink = \"\(name)\"")
            }
            return readPlanned(subject, into: &log)
        }
        if let sink = LogConfiguration.Sink(rawValue: word) {
            log.sink = sink
        } else if names.contains(word) {
            readPlanned(subject, into: &log)
        } else {
            _ = Form<String>.oneOf(own + names) { $0 }.read(subject)
        }
    }

    private func readPlanned(_ subject: Subject, into log: inout LogConfiguration) {
        guard let made = context.logSinks.value(subject, at: subject.place) else { return }
        log.planned = PlannedLogSink(name: made.name, plugin: made.plugin, sink: made.value)
    }

    /// Whether the keys of a service make sense together; `own` is what it has itself under `log`, without the defaults.
    func checkTogether(_ log: LogConfiguration, _ subject: Subject?, own: Settings?) {
        guard let subject, let settings = subject.settings else { return }
        let sink = settings[LogKey.sink.rawValue]?.value
        // A sink that was refused may have been meant to be anything.
        guard sink == nil || log.planned != nil || sink?.string == log.sink.rawValue else { return }
        if log.sink != .file {
            refuseUnusedKeys(own, sink: log.planned?.name ?? log.sink.rawValue)
        } else if settings[LogKey.file.rawValue] == nil {
            subject.fault("has the sink \"file\" and no 'file' to write to")
        }
    }

    /// A key that only the sink "file" looks at does nothing beside another one. In `[defaults]` it may wait for a service
    /// that has it.
    private func refuseUnusedKeys(_ own: Settings?, sink: String) {
        for key in LogKey.ofFile {
            guard let setting = own?[key.rawValue] else { continue }
            context.faults.add(
                "'log.\(key.rawValue)' is used only with sink = \"file\", and the sink is \"\(sink)\"",
                at: setting.place)
        }
    }
}

extension Form where Value == Int {
    /// A size in `range`, or 0.
    fileprivate static func sizeOrZero(_ range: ClosedRange<Int>) -> Form {
        size(0...range.upperBound).and { bytes in
            bytes == 0 || range.contains(bytes)
                ? nil : "must be 0, or from \(range.lowerBound) to \(range.upperBound) bytes, found \(bytes)"
        }
    }
}

extension Form where Value == String {
    fileprivate static var logFile: Form {
        absolutePath.withSpecifiers.and { $0.hasSuffix("/") ? "must be a file, found the folder \(quoted($0))" : nil }
    }
}
