import SupdProtocol

/// The lines of `logs`.
enum LogText {
    /// Every line with its time and name, lines of several services by time. Control characters are escaped: a
    /// service must not write to the terminal of who looks at it.
    static func text(_ log: LogRead) -> String {
        var entries: [(name: String, line: LogLine)] = []
        for service in log.services { entries += service.lines.map { (service.name, $0) } }
        // Stable: lines of one millisecond stay in the order they came in.
        let ordered = entries.enumerated().sorted {
            ($0.element.line.time, $0.offset) < ($1.element.line.time, $1.offset)
        }
        var text = ""
        for (_, entry) in ordered {
            let mark = entry.line.stream == .stderr ? "!" : "|"
            let end = entry.line.truncated ? " […]" : ""
            let name = DisplayText.safe(entry.name)
            text += "\(entry.line.time) \(name) \(mark) \(DisplayText.safe(entry.line.text))\(end)\n"
        }
        return text
    }

    /// What to say beside the lines: services that lost some.
    static func warnings(_ log: LogRead) -> String {
        log.services.filter { $0.dropped > 0 }
            .map { "supctl: \(DisplayText.safe($0.name)): \($0.dropped) lines were dropped since the daemon started\n" }
            .joined()
    }
}
