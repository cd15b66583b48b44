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
        // As long as most are: what outgrows its room is given back (`Page.add`).
        text.reserveCapacity(2048 * services.count)
        for why in services {
            let tree = trees.first { $0.name == why.status.name }
            if !text.isEmpty { text += "\n" }
            Card(why, tree, marks.mark(of: why.status), now, Page(terminal)).write(to: &text)
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

    func write(to text: inout String) {
        let colour = StatusTable.colour(of: status)
        let name = status.name + (status.description.isEmpty ? "" : " - \(status.description)")
        text += page.line(name, behind: mark, colour)
        row("Loaded", to: &text, loaded)
        row("Active", colour, to: &text, active)
        if !status.reason.isEmpty { row("Reason", to: &text) { $0 += DisplayText.safe(status.reason) } }
        if let pid = status.pid { row("Main PID", to: &text) { main(pid, &$0) } }
        if let said = status.statusText { row("Status", "\"\(said)\"", to: &text) }
        if status.state.known == .starting || status.state.known == .running {
            row("Ready", status.ready ? "yes" : "no\(answer(of: .readiness))", to: &text)
        }
        if let health = status.health { row("Health", health.rawValue + answer(of: .health), to: &text) }
        if let wait = why.waitsFor, wait.kind.known != .backoff {
            row(
                "Waits for", wait.text + (wait.until.map { ", \(TimeWords.until($0, now: now))" } ?? ""), to: &text)
        }
        row("Restarts", to: &text) {
            $0 += "\(status.restarts), by policy '"
            $0 += DisplayText.safe(status.restartPolicy)
            $0 += "'"
        }
        if let tree, tree.processes?.isEmpty != true { used(by: tree, to: &text) }
        let log = CardText.log(why.log, page)
        if !log.isEmpty { text += "\n" + log }
    }

    private func loaded(_ text: inout String) {
        guard let source = why.source else { return text += "no file" }
        text += DisplayText.safe(source.file)
        text += ":\(source.line)"
        switch source.changed {
        case true?: text += " (the file has changed since: see 'supctl plan')"
        case false?: break
        case nil: text += " (whether the file has changed is not known)"
        }
        guard status.outdated else { return }
        text += "; runs an older definition until its next start, as by 'supctl restart "
        text += DisplayText.safe(status.name)
        text += "'"
    }

    private func active(_ text: inout String) {
        text += DisplayText.safe(StatusTable.state(status))
        text += " since "
        text += TimeWords.clock(status.since, now: now)
        text += "; "
        text += TimeWords.wholeSeconds(now.duration(since: status.since))
        text += " ago"
        if let next = status.nextStartAt { text += "; next start \(TimeWords.until(next, now: now))" }
    }

    private func main(_ pid: Int32, _ text: inout String) {
        text += "\(pid)"
        guard let command = tree?.processes?.first(where: { $0.pid == pid })?.command else { return }
        text += " ("
        text += DisplayText.safe(command)
        text += ")"
    }

    /// `: http probe at 14:02:11Z: connection refused`.
    private func answer(of purpose: ProbePurpose) -> String {
        guard let probe = why.probe, probe.purpose.known == purpose else { return "" }
        guard let at = probe.at else { return ", \(probe.name) probe has not answered yet" }
        let clock = TimeWords.clock(at, now: now)
        return ", \(probe.name) probe at \(clock): \(probe.problem ?? "well")"
    }

    private func used(by tree: ServiceTree, to text: inout String) {
        let atLeast = tree.more == 0 ? "unknown" : "at least \(tree.more)"
        let some = tree.more == 0 ? "" : "at least "
        row("Tasks", tree.processes.map { "\(some)\($0.count + tree.more)" } ?? atLeast, to: &text)
        row("Memory", tree.residentBytes.map { some + UsageText.size($0) } ?? "unknown", to: &text)
        row("CPU", tree.processorTime.map { some + UsageText.time($0) } ?? "unknown", to: &text)
        if let group = tree.controlGroup { row("CGroup", to: &text) { $0 += DisplayText.safe(group) } }
        guard let processes = tree.processes else { return }
        if processes.count == 1 {
            // A list of those that are placed is one more type for the runtime to make.
            add(processes[0], at: 0, below: 0, to: &text)
        } else {
            for (place, placed) in TreeText.inOrder(processes).enumerated() {
                add(placed.process, at: place, below: placed.depth, to: &text)
            }
        }
        if tree.more > 0 { text += page.cut(label("") + "… and \(tree.more) more") }
    }

    private func add(_ process: TreeProcess, at place: Int, below depth: Int, to text: inout String) {
        page.addCut(to: &text) {
            $0 += label(place == 0 ? "Processes" : "")
            $0 += "\(process.pid) "
            for _ in 0..<depth { $0 += "  " }
            $0 += DisplayText.safe(process.command)
        }
    }

    private static let labelWidth = 10

    private func label(_ name: String) -> String {
        String(repeating: " ", count: max(0, Self.labelWidth - name.count)) + name + (name.isEmpty ? "  " : ": ")
    }

    private func row(_ name: String, _ value: String, to text: inout String) {
        row(name, to: &text) { $0 += DisplayText.safe(value) }
    }

    private func row(_ name: String, _ colour: Colour? = nil, to text: inout String, _ write: (inout String) -> Void) {
        page.add(beside: name + ":", colour, gap: 1, indent: Self.labelWidth - name.count, to: &text, write)
    }
}
