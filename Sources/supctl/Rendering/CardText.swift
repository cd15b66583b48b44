import SupdPlugin
import SupdProtocol

/// What `status NAME` prints of one instance: all that is known of it, as systemctl's card has it.
enum CardText {
    /// So many are shown as cards; of more the table says more.
    static let mostCards = 8

    static func text(
        _ services: [ServiceWhy], trees: [ServiceTree], now: WallTime, terminal: Terminal, marks: TreeLines = .unicode
    ) -> String {
        var text = ""
        for why in services {
            let tree = trees.first { $0.name == why.status.name }
            if !text.isEmpty { text += "\n" }
            text += Card(why, tree, marks.mark(of: why.status), now, Page(terminal)).text
        }
        return text
    }

    /// Its last lines, or why there are none.
    static func log(_ log: ServiceLog, _ page: Page) -> String {
        var text = ""
        for line in log.lines { text += page.cut("  " + String(LogText.text(line, of: log.name).dropLast())) }
        for line in log.unfinished {
            text += page.cut("  " + String(LogText.text(line, of: log.name, end: LogText.unfinished).dropLast()))
        }
        return text
    }
}

/// One card.
private struct Card {
    private let why: ServiceWhy
    private let tree: ServiceTree?
    private let mark: String
    private let now: WallTime
    private let page: Page

    init(_ why: ServiceWhy, _ tree: ServiceTree?, _ mark: String, _ now: WallTime, _ page: Page) {
        self.why = why
        self.tree = tree
        self.mark = mark
        self.now = now
        self.page = page
    }

    private var status: ServiceStatus { why.status }

    var text: String {
        let colour = StatusTable.colour(of: status)
        let name = status.name + (status.description.isEmpty ? "" : " - \(status.description)")
        var text = page.line(name, behind: mark, colour)
        text += row("Loaded", loaded)
        text += row("Active", active, colour)
        if !status.reason.isEmpty { text += row("Reason", status.reason) }
        if let pid = status.pid { text += row("Main PID", main(pid)) }
        if let said = status.statusText { text += row("Status", "\"\(said)\"") }
        if status.state.known == .starting || status.state.known == .running {
            text += row("Ready", status.ready ? "yes" : "no\(answer(of: .readiness))")
        }
        if let health = status.health { text += row("Health", health.rawValue + answer(of: .health)) }
        if let wait = why.waitsFor, wait.kind.known != .backoff {
            text += row("Waits for", wait.text + (wait.until.map { ", \(TimeWords.until($0, now: now))" } ?? ""))
        }
        text += row("Restarts", restarts)
        if let tree, tree.processes?.isEmpty != true { text += used(by: tree) }
        let log = CardText.log(why.log, page)
        return log.isEmpty ? text : text + "\n" + log
    }

    private var loaded: String {
        guard let source = why.source else { return "no file" }
        let changed =
            switch source.changed {
            case true?: " (the file has changed since: see 'supctl plan')"
            case false?: ""
            case nil: " (whether the file has changed is not known)"
            }
        let outdated =
            status.outdated
            ? "; runs an older definition until its next start, as by 'supctl restart \(status.name)'" : ""
        return "\(source.file):\(source.line)\(changed)\(outdated)"
    }

    private var active: String {
        let ago = TimeWords.wholeSeconds(now.duration(since: status.since))
        let next = status.nextStartAt.map { "; next start \(TimeWords.until($0, now: now))" } ?? ""
        return "\(StatusTable.state(status)) since \(TimeWords.clock(status.since, now: now)); \(ago) ago\(next)"
    }

    private func main(_ pid: Int32) -> String {
        let command = tree?.processes?.first { $0.pid == pid }?.command
        return "\(pid)" + (command.map { " (\($0))" } ?? "")
    }

    /// `: http probe at 14:02:11Z: connection refused`.
    private func answer(of purpose: ProbePurpose) -> String {
        guard let probe = why.probe, probe.purpose.known == purpose else { return "" }
        guard let at = probe.at else { return ", \(probe.name) probe has not answered yet" }
        let clock = TimeWords.clock(at, now: now)
        return ", \(probe.name) probe at \(clock): \(probe.problem ?? "well")"
    }

    private var restarts: String { "\(status.restarts), by policy '\(status.restartPolicy)'" }

    private func used(by tree: ServiceTree) -> String {
        let atLeast = tree.more == 0 ? "unknown" : "at least \(tree.more)"
        let some = tree.more == 0 ? "" : "at least "
        var text = row("Tasks", tree.processes.map { "\(some)\($0.count + tree.more)" } ?? atLeast)
        text += row("Memory", tree.residentBytes.map { some + UsageText.size($0) } ?? "unknown")
        text += row("CPU", tree.processorTime.map { some + UsageText.time($0) } ?? "unknown")
        if let group = tree.controlGroup { text += row("CGroup", group) }
        guard let processes = tree.processes else { return text }
        for (place, placed) in TreeText.inOrder(processes).enumerated() {
            let (process, indent) = (placed.process, String(repeating: "  ", count: placed.depth))
            text += page.cut(
                label(place == 0 ? "Processes" : "") + "\(process.pid) \(indent)\(DisplayText.safe(process.command))")
        }
        return tree.more == 0 ? text : text + page.cut(label("") + "… and \(tree.more) more")
    }

    private static let labelWidth = 10

    private func label(_ name: String) -> String {
        String(repeating: " ", count: max(0, Self.labelWidth - name.count)) + name + (name.isEmpty ? "  " : ": ")
    }

    private func row(_ name: String, _ value: String, _ colour: Colour? = nil) -> String {
        let blanks = Self.labelWidth - name.count
        return page.line(value, beside: name + ":", colour, gap: 1, indent: blanks)
    }
}
