import SupdHost
import SupdPlugin

/// Which attempt of which instance lines belong to, as the sinks say it.
final class LogAttempt {
    /// Whose it is.
    let instance: InstanceName
    /// The instance's name.
    let name: String
    /// Its main process, as it was when lines were read.
    private(set) var pid: Int32

    private let number: UInt64
    /// Made when the first line goes to the journal; the first one is PRIORITY.
    private var fields: [JournalField] = []
    /// The level of the line that was cut, by output: it holds for its other pieces.
    private var levelsOfCutLines = [LogStream: SyslogLevel]()

    /// The attempt `number` of `instance`, whose main process is `pid`.
    init(instance: InstanceName, pid: Int32, number: UInt64) {
        self.instance = instance
        self.name = instance.description
        self.pid = pid
        self.number = number
    }

    /// Another process is the main one from now on.
    func goOn(as pid: Int32) {
        self.pid = pid
        fields = []
    }

    /// `run` as one whose lines may begin with their levels.
    func leveled(_ run: LineRun, from stream: LogStream) -> LineRun {
        var run = run
        run.hasLevels = true
        if run.continuesLine { run.continuedLevel = levelsOfCutLines.removeValue(forKey: stream) }
        if run.ending == .cut { levelsOfCutLines[stream] = run.firstLevel }
        return run
    }

    /// Sends each line of `run` as an entry of its own. As with systemd an empty line makes no entry. How many were dropped at once.
    func send(_ run: LineRun, from stream: LogStream, to outlet: JournalOutlet, isKept: Bool) -> Int {
        let before = outlet.droppedLines
        if fields.isEmpty { makeFields() }
        let claim: Claim = isKept ? .kept : .droppable
        run.forEachLine { line in
            guard !line.bytes.isEmpty else { return }
            fields[0].value = (line.level ?? .info).digit
            if stream == .error || line.ending != .newline {
                outlet.send(line.bytes, fields: fields + Self.marks(stream, line.ending), as: claim)
            } else {
                outlet.send(line.bytes, fields: fields, as: claim)
            }
        }
        return outlet.droppedLines - before
    }

    /// An entry for a plugin's log sink, without a line.
    func entry(from stream: LogStream, at time: WallTime) -> LogEntry {
        LogEntry(
            service: instance, pid: pid, attempt: number, time: time, stream: stream == .error ? .error : .output,
            bytes: [])
    }

    private func makeFields() {
        fields = [
            JournalField("PRIORITY", SyslogLevel.info.digit),
            JournalField("SYSLOG_IDENTIFIER", name),
            JournalField("SUPD_SERVICE", instance.service.rawValue),
            JournalField("SUPD_INSTANCE", name),
            JournalField("SUPD_PID", String(pid)),
            JournalField("SUPD_ATTEMPT", String(number)),
        ]
    }

    /// The values of SUPD_LINE_BREAK are those of _LINE_BREAK in systemd.journal-fields(7).
    private static func marks(_ stream: LogStream, _ ending: LineRun.Ending) -> [JournalField] {
        var marks: [JournalField] = []
        if stream == .error { marks.append(JournalField("SUPD_STREAM", stream.rawValue)) }
        switch ending {
        case .newline: break
        case .cut: marks.append(JournalField("SUPD_LINE_BREAK", "line-max"))
        case .endOfStream: marks.append(JournalField("SUPD_LINE_BREAK", "eof"))
        }
        return marks
    }
}
