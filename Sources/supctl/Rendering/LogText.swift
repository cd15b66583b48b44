import SupdPlugin
import SupdProtocol

/// The lines of `logs`.
enum LogText {
    /// Every line with its time and name, lines of several services by time; at last what has not ended yet. Control characters are
    /// escaped: a service must not write to the terminal of who looks at it.
    /// Each of several has a colour of its own where that is seen.
    static func text(_ log: LogRead, hasColour: Bool = false) -> String {
        var text = ""
        var colours = ServiceColours()
        func colour(of name: String) -> Colour? { hasColour && log.services.count > 1 ? colours.colour(of: name) : nil }
        for entry in ordered(log) { append(entry.line, of: entry.name, in: colour(of: entry.name), to: &text) }
        for service in log.services {
            for line in service.unfinished {
                append(line, of: service.name, in: colour(of: service.name), end: unfinished, to: &text)
            }
        }
        return text
    }

    /// What stands behind a line that may go on.
    static let unfinished = " [unfinished]"

    /// One line.
    static func text(_ line: LogLine, of name: String, end: String = "") -> String {
        var text = ""
        append(line, of: name, end: end, to: &text)
        return text
    }

    /// The lines of all services by time.
    static func ordered(_ log: LogRead) -> [(name: String, line: LogLine)] {
        var entries: [(name: String, line: LogLine)] = []
        for service in log.services { entries += service.lines.map { (service.name, $0) } }
        // Stable: lines of one millisecond stay in the order they came in.
        let ordered = entries.enumerated().sorted {
            ($0.element.line.time, $0.offset) < ($1.element.line.time, $1.offset)
        }
        return ordered.map(\.element)
    }

    /// Appends a line, with its name in a colour where it has one.
    static func append(
        _ line: LogLine, of name: String, in colour: Colour? = nil, end: String = "", to text: inout String
    ) {
        let mark =
            switch line.stream.known {
            case .stdout: "|"
            case .stderr: "!"
            case nil: "(\(DisplayText.safe(line.stream.rawValue)))"
            }
        let cut = line.truncated ? " […]" : ""
        let level = line.level.map { $0 == .info ? "" : "\($0.rawValue): " } ?? ""
        let prefix = "\(DisplayText.safe(name)) \(mark)"
        text += "\(line.time) \(colour?.paint(prefix) ?? prefix) \(level)\(DisplayText.safe(line.text))\(cut)\(end)\n"
    }

    /// What to say beside the lines where `count` were asked for: services that lost some, and why there are fewer, of those of standard
    /// error too.
    static func warnings(_ log: LogRead, asked count: Int, ofErrors: Bool = false) -> String {
        var text = ""
        for service in log.services {
            let name = DisplayText.safe(service.name)
            if service.dropped > 0 {
                let lines = plural(service.dropped, "line was", "lines were")
                text += "supctl: \(name): \(lines) dropped since the daemon started\n"
            }
            if let shortage = service.shortage {
                let isAlone = log.services.count == 1
                text += "supctl: \(name): \(reason(shortage, service, asked: count, isAlone: isAlone))\n"
            }
        }
        let without = log.services.filter {
            $0.lines.isEmpty && $0.unfinished.isEmpty && $0.shortage == nil && !$0.separateStderr
        }
        if ofErrors, count > 0, !without.isEmpty {
            let names = without.map { DisplayText.safe($0.name) }.named(atMost: 3)
            text +=
                "supctl: \(names): no such line: standard error is told apart only with log.stderr = \"separate\"\n"
        }
        return text
    }

    /// A page that has nothing but the lines of one instance: where there are none of `count` that were asked for, why.
    static func page(_ log: LogRead, asked count: Int) -> String {
        let text = text(log)
        guard text.isEmpty, let service = log.services.first else { return text }
        return service.shortage.map { reason($0, service, asked: count, isAlone: true) } ?? "it has written nothing"
    }

    private static func reason(
        _ shortage: WireWord<ServiceLog.Shortage>, _ service: ServiceLog, asked count: Int, isAlone: Bool
    ) -> String {
        let found = "\(service.lines.count) of \(plural(count, "line"))"
        return switch shortage.known {
        case .memory: "\(found): log.memory has no room for older ones"
        case .reply:
            "\(found): a reply takes no more" + (isAlone ? "" : "; name fewer services at once")
        case .memoryOff: "nothing is kept: log.memory is 0"
        case .sinkNone: "nothing is kept: log.sink is \"none\""
        case .sinkInherit: "nothing is kept: log.sink is \"inherit\", the output of supd itself"
        case .sinkJournalDirect:
            "nothing is kept: log.sink is \"journal-direct\": journalctl -t \(DisplayText.safe(service.name))"
        case nil: "\(found): \(DisplayText.safe(shortage.rawValue))"
        }
    }
}
