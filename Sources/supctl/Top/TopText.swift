import SupdPlugin
import SupdProtocol

/// The screen of `top` as lines.
enum TopText {
    static let orders = "S start  X stop  R restart  l lines  w why  / filter  n c m t s sort  q quit"
    /// The same where there is not enough room for it.
    private static let shortOrders = "q quit S start X stop R restart l lines w why / filter"

    /// As many lines as `terminal` has, each as wide as it at most.
    static func lines(_ model: TopModel, now: WallTime, terminal: Terminal) -> [String] {
        let width = width(of: terminal)
        let height = height(of: terminal)
        var terminal = terminal
        terminal.width = width
        // First, as the end of a long head is cut: it says why services are not there.
        let narrowed = model.filter.isEmpty ? "" : "only '\(model.filter)': "
        let head = cut(narrowed + (silence(model) ?? summary(model)), width)
        let body: [String]
        let foot: String
        switch model.page {
        case .text(let title, let fromEnd):
            let text = text(model, width)
            let limit = scrollLimit(text, height)
            let scrolled = min(model.scrolled, limit)
            body = [cut(title, width)] + text.dropFirst(fromEnd ? limit - scrolled : scrolled)
            foot = "q back  arrows and page keys scroll"
        case .list, .filter:
            body = [""] + table(model, now, terminal, height - 3)
            foot =
                model.page == .filter ? "filter: \(model.filter)█" : model.message.isEmpty ? keys(width) : model.message
        }
        let padded = body + Array(repeating: "", count: max(0, height - 2 - body.count))
        return [head] + padded.prefix(height - 2) + [cut(foot, width)]
    }

    private static func keys(_ width: Int) -> String { orders.count <= width ? orders : shortOrders }

    /// That the daemon does not answer, where it takes longer than a look does.
    private static func silence(_ model: TopModel) -> String? {
        guard model.silence >= .seconds(2) else { return model.isKnown ? nil : "supd is asked …" }
        let shown = model.isKnown ? "; below is what it said before" : ""
        return "supd has not answered for \(TimeWords.wholeSeconds(model.silence))\(shown)"
    }

    private static func summary(_ model: TopModel) -> String {
        let counts = StateCounts(of: model.rows.map(\.status.state)).text()
        let processor = model.rows.reduce(0) { $0 + ($1.processor ?? 0) }
        let memory = model.rows.reduce(0) { $0 + $1.memory }
        let beside = model.rows.contains(where: { $0.isUnknown || $0.isPart }) ? " beside what is unknown" : ""
        let head = counts.isEmpty ? "" : "\(counts); "
        return "\(head)CPU \(percent(processor)), \(UsageText.size(memory))\(beside); by \(model.order.rawValue)"
    }

    private static func table(_ model: TopModel, _ now: WallTime, _ terminal: Terminal, _ height: Int) -> [String] {
        // The reason's beginning will do, or none of it: 'w' shows all.
        // CPU is as wide for 100% as for less, or columns would come and go.
        var table = Table(
            [
                Table.Column(""), .init("NAME"), .init("STATE"), .init(" CPU", .right), .init("", isExpendable: true),
                .init("MEMORY", .right), .init("RESTARTS", .right, isExpendable: true), .init("SINCE", .right),
                .init("REASON", isExpendable: true),
            ], leastRoom: 8)
        let rows = model.shown
        // The chosen one is always seen: of many rows those before it go.
        let place = rows.firstIndex { $0.status.name == model.selected } ?? 0
        let seen = rows.dropFirst(max(0, place - (height - 2))).prefix(height - 1)
        for row in seen {
            let status = row.status
            let none = row.isUnknown ? "?" : "-"
            let andMore = row.isPart ? "+" : ""
            table.add([
                .init(status.name == model.selected ? ">" : ""), .init(status.name),
                .init(StatusTable.state(status), StatusTable.colour(of: status)),
                .init(row.processor.map { percent($0) + andMore } ?? none), .init(past(row)),
                .init(row.memory == 0 ? none : UsageText.size(row.memory) + andMore), .init("\(status.restarts)"),
                .init(TimeWords.largestUnit(now.duration(since: status.since))), .init(status.reason),
            ])
        }
        return rows.isEmpty
            ? [model.isKnown ? "no services" : ""] : table.text(for: terminal).split(separator: "\n").map(String.init)
    }

    /// How far a page of text can be scrolled.
    static func scrollLimit(_ model: TopModel, terminal: Terminal) -> Int {
        scrollLimit(text(model, width(of: terminal)), height(of: terminal))
    }

    /// There is no room beside the head, the title and the foot.
    private static func scrollLimit(_ lines: [String], _ height: Int) -> Int { max(0, lines.count - (height - 3)) }

    /// How wide a line is at most: of the last cell, once it is written, a terminal may be on either line.
    static func width(of terminal: Terminal) -> Int { max(1, (terminal.width ?? 80) - 1) }

    private static func height(of terminal: Terminal) -> Int { max(4, terminal.height ?? 24) }

    /// A page of text as lines of the screen.
    private static func text(_ model: TopModel, _ width: Int) -> [String] {
        model.text.flatMap { DisplayText.folded(DisplayText.safe($0), to: width) }
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }

    /// As wide from the first look on, or columns would come and go.
    private static func past(_ row: TopModel.Row) -> String {
        String(repeating: " ", count: max(0, TopModel.pastLength - row.past.count)) + sparkline(row.past)
    }

    /// A bar for each: whole at one processor, or at the most that there was where that is more.
    static func sparkline(_ shares: [Double]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        let top = max(1, shares.max() ?? 1)
        return String(shares.map { bars[min(bars.count - 1, Int($0 / top * Double(bars.count)))] })
    }

    private static func cut(_ text: String, _ width: Int) -> String {
        DisplayText.cut(DisplayText.safe(text), to: width)
    }
}
