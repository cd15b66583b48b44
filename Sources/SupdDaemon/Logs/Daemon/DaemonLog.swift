import SupdHost
import SupdPlugin

/// The daemon's own log: what the supervisor does and why, for the person who operates it.
///
/// It never waits. A line is written once for a change, not for each occurrence: whoever logs in a loop keeps what was
/// said last and says only what is new. The kind of what it tells is a field of the journal's alone. Untrusted text may stand in messages and values: it is made safe on the way out.
final class DaemonLog {
    /// Lines less grave than this are not made.
    var level: LogLevel

    private let standardError: StandardErrorOutlet
    private let journal: JournalOutlet?

    /// No more names than so many are fields of one entry.
    private static let namesInEntry = 64

    /// Where it is the journal, there is nowhere else to go while that is gone.
    private let standardErrorIsJournal: Bool

    /// A log to `journal` where there is one, else to `standardError`.
    init(
        level: LogLevel, standardError: StandardErrorOutlet, journal: JournalOutlet?,
        standardErrorIsJournal: Bool = false
    ) {
        self.level = level
        self.standardError = standardError
        self.journal = journal
        self.standardErrorIsJournal = standardErrorIsJournal
    }

    /// Whether what is written is for programs to read: the journal's fields, or JSON.
    var isForPrograms: Bool { usesJournal || standardError.shape == .json }

    /// Whether it goes to the journal now.
    var usesJournal: Bool {
        journal.map { $0.isReachable && !$0.isGivenUp || standardErrorIsJournal } ?? false
    }

    /// Something for a developer.
    func debug(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:], kind: MessageKind? = nil
    ) {
        write(.debug, message, fields, kind)
    }

    /// Something that happened as it should.
    func info(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:], kind: MessageKind? = nil
    ) {
        write(.info, message, fields, kind)
    }

    /// Something that is as it should be and worth a look.
    func notice(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:], kind: MessageKind? = nil
    ) {
        write(.notice, message, fields, kind)
    }

    /// Something that went wrong and was dealt with.
    func warning(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:], kind: MessageKind? = nil
    ) {
        write(.warning, message, fields, kind)
    }

    /// Something that went wrong and needs somebody.
    func error(
        _ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:], kind: MessageKind? = nil
    ) {
        write(.error, message, fields, kind)
    }

    /// Something as grave as `level` says.
    func write(
        _ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, String> = [:], kind: MessageKind? = nil
    ) {
        write(level, { message }, fields, kind)
    }

    /// Something of one instance. Programs get its name as fields; people read it in the message.
    func write(
        _ level: LogLevel, _ message: @autoclosure () -> String, about instance: InstanceName, kind: MessageKind? = nil
    ) {
        write(level, message(), about: [instance], kind: kind)
    }

    /// The same of several. JSON, where a key stands once, does not name them but in the message.
    func write(
        _ level: LogLevel, _ message: @autoclosure () -> String, about instances: [InstanceName],
        kind: MessageKind? = nil
    ) {
        guard level >= self.level else { return }
        var names: [(key: String, value: String)] = []
        if usesJournal || standardError.shape == .json && instances.count == 1 {
            for service in Set(instances.map(\.service)).sorted().prefix(Self.namesInEntry) {
                names.append(("service", service.rawValue))
            }
            for instance in instances.prefix(Self.namesInEntry) { names.append(("instance", instance.description)) }
        }
        write(level, message, names, kind)
    }

    /// Writes what was said in this turn and is not written yet. Before anybody hears of it elsewhere, and at the end of each turn.
    func handOver() { standardError.handOverOwn() }

    /// The same of all that waits for room as well: nothing is said any more.
    func handOverLast() { standardError.writable() }

    /// A line about something that went wrong, as standard error shows it, for whoever writes it there himself.
    func errorLine(_ message: String, time: WallTime) -> [UInt8] {
        var line: [UInt8] = []
        standardError.shape.append(.error, message, [], time: time, to: &line)
        return line
    }

    private func write(
        _ level: LogLevel, _ message: () -> String, _ fields: KeyValuePairs<String, String>, _ kind: MessageKind?
    ) {
        guard level >= self.level else { return }
        write(level, message, fields.map { ($0.key, $0.value) }, kind)
    }

    private func write(
        _ level: LogLevel, _ message: () -> String, _ fields: [(key: String, value: String)], _ kind: MessageKind?
    ) {
        guard level >= self.level else { return }
        guard usesJournal, let journal else { return standardError.write(own: level, message(), fields) }
        var journalFields = [
            JournalField("PRIORITY", level.syslog.digit), JournalField("SYSLOG_IDENTIFIER", "supd"),
        ]
        if let kind { journalFields.append(JournalField("MESSAGE_ID", kind.rawValue)) }
        for field in fields { journalFields.append(JournalField(Self.journalName(of: field.key), field.value)) }
        var message = message()
        message.withUTF8 { journal.send(UnsafeRawBufferPointer($0), fields: journalFields, as: .own) }
    }

    /// `service` → `SUPD_SERVICE`: what a name of a field may be is in systemd.journal-fields(7).
    private static func journalName(of key: String) -> String {
        let allowed = key.uppercased().utf8.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return "SUPD_" + String(decoding: allowed.prefix(59), as: UTF8.self)
    }
}
