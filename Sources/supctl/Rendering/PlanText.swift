import SupdPlugin
import SupdProtocol

/// What a configuration's files change, for people.
enum PlanText {
    /// A row for each service, plugin and the daemon itself that something becomes of, with the keys that make it so, and how many
    /// services nothing becomes of. On a terminal nothing is cut: what does not fit beside a name follows on lines of its own.
    /// Where restarts are deferred, what would be restarted along with others is left alone.
    static func text(_ plan: ConfigurationPlanReply, terminal: Terminal, isDeferred: Bool = false) -> String {
        let kept = plan.kept.map { service in
            let sentence =
                "\(service.name) keeps the \(plural(service.now, "instance")) that 'supctl scale' gave it, where the file says \(service.file)"
            return Page(terminal).paragraph(DisplayText.safe(sentence))
        }.joined()
        guard !plan.isEmpty else { return "nothing to do: the file says what is in force\n" + kept }
        let services = plan.services.filter { !isDeferred || !$0.isAlong }
        let unchanged = plan.counts.unchanged + plan.services.count - services.count
        var rows = services.map { row($0, isDeferred: isDeferred) }
        rows += plan.plugins.map { plugin in
            Row(label: "plugin", colour: .yellow, name: plugin.name, details: plugin.keys.map { text(of: $0) })
        }
        let layout = Layout(rows, terminal)
        if !plan.supervisor.isEmpty {
            rows.append(Row(label: "supervisor", colour: .yellow, details: plan.supervisor.map { text(of: $0) }))
        }
        return rows.map(layout.text).joined() + hidden(plan.hidden) + "\(unchanged) unchanged\n" + kept
    }

    private static func hidden(_ count: Int) -> String {
        switch count {
        case 0: ""
        case 1: "a service that you may not see\n"
        default: "\(count) services that you may not see\n"
        }
    }

    private static func row(_ service: ConfigurationPlanReply.Service, isDeferred: Bool) -> Row {
        let kind = service.kind.known
        let label = isDeferred && kind == .restarted ? "defer" : kind?.label ?? DisplayText.safe(service.kind.rawValue)
        var row = Row(label: label, colour: kind?.colour, name: service.name)
        var keys = service.keys
        if let instances = service.instances {
            let new = plural(instances.new, "instance")
            row.details = [instances.old == instances.new ? "\(new) already" : "\(instances.old) → \(new)"]
            keys.removeAll { $0.key == "instances" }
        }
        let startsAnew = kind == .restarted || kind == .added
        row.details += keys.map { text(of: $0, startsAnew: startsAnew) }
        if let with = service.with, !isDeferred {
            let verb = kind == .restarted ? "" : "restarted "
            row.details.append("\(verb)with \(DisplayText.safe(with)), if it is up")
        }
        return row
    }

    private static func text(of key: ConfigurationPlanReply.Key, startsAnew: Bool = false) -> String {
        let change: String
        switch (key.old, key.new) {
        case (nil, nil): change = "(changed)"
        case (let old, let new):
            let unset = key.standard.map { "\($0) (standard)" } ?? "(not set)"
            change = "\(old ?? unset) → \(new ?? unset)"
        }
        let remark = startsAnew && key.effect.known == .nextStart ? "" : remark(of: key.effect)
        return DisplayText.safe("\(key.key): \(change)\(remark)")
    }

    /// What has to be said of a key that takes effect later.
    private static func remark(of effect: WireWord<ConfigurationPlanReply.Effect>) -> String {
        switch effect.known {
        case .atOnce: ""
        case .nextStart: " (at its next start)"
        case .daemonRestart: " (only when supd is restarted)"
        case nil: " (\(effect.rawValue))"
        }
    }

    /// What becomes of one thing.
    private struct Row {
        var label: String
        var colour: Colour?
        /// Whose label says it all has none.
        var name: String?
        var details: [String] = []
    }

    /// How wide the columns are.
    private struct Layout {
        /// How far what belongs to a row is set in below it, where it has no room beside it.
        private static let indent = 4
        /// The least room that is of use to a value.
        private static let leastRoom = 24

        private let labels: Int
        private let names: Int
        private let terminal: Terminal

        init(_ rows: [Row], _ terminal: Terminal) {
            labels = rows.map(\.label.count).max() ?? 0
            names = rows.map { DisplayText.width(of: DisplayText.safe($0.name ?? "")) }.max() ?? 0
            self.terminal = terminal
        }

        func text(_ row: Row) -> String {
            var head = row.label
            if let name = row.name { head = padded(head, to: labels) + "  " + DisplayText.safe(name) }
            guard !row.details.isEmpty else { return painted(head, row) + "\n" }
            let beside = row.name == nil ? DisplayText.width(of: head) + 2 : labels + names + 4
            guard let width = terminal.width, width - beside < Self.leastRoom else {
                let lines = row.details.flatMap { folded($0, to: terminal.width.map { $0 - beside }) }
                return painted(padded(head, to: beside), row) + lines.joined(separator: "\n" + blanks(beside)) + "\n"
            }
            let indent = min(Self.indent, width - 1)
            let lines = row.details.flatMap { folded($0, to: width - indent) }
            return painted(head, row) + "\n" + lines.map { blanks(indent) + $0 + "\n" }.joined()
        }

        /// Lines of at most `width` cells, those after the first set in.
        private func folded(_ text: String, to width: Int?) -> [String] {
            guard let width, DisplayText.width(of: text) > width else { return [text] }
            let indent = min(2, width - 1)
            let lines = DisplayText.wrapped(text, to: width - indent)
            return lines.prefix(1) + lines.dropFirst().map { blanks(indent) + $0 }
        }

        /// The head of a row, its label in colour where that is seen.
        private func painted(_ head: String, _ row: Row) -> String {
            if let width = terminal.width, DisplayText.width(of: head) > width {
                return DisplayText.cut(head, to: width)
            }
            guard terminal.hasColour, let colour = row.colour else { return head }
            return colour.paint(row.label) + head.dropFirst(row.label.count)
        }

        private func padded(_ text: String, to width: Int) -> String {
            text + blanks(width - DisplayText.width(of: text))
        }

        private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
    }
}

extension ConfigurationPlanReply.Service {
    /// Whether nothing of its own is different.
    fileprivate var isAlong: Bool { kind.known == .restarted && keys.isEmpty && with != nil }
}

extension ConfigurationPlanReply.Kind {
    /// What is done, as an order.
    fileprivate var label: String {
        switch self {
        case .added: "add"
        case .removed: "remove"
        case .restarted: "restart"
        case .changed: "change"
        case .scaled: "scale"
        }
    }

    fileprivate var colour: Colour {
        switch self {
        case .added: .green
        case .removed: .red
        case .restarted, .changed, .scaled: .yellow
        }
    }
}
