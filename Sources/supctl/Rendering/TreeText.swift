import SupdPlugin
import SupdProtocol

/// What `tree` prints: the processes of each instance, children below their parents.
enum TreeText {
    static func text(_ trees: [ServiceTree], terminal: Terminal) -> String {
        guard !trees.isEmpty else { return "no services\n" }
        return trees.map { text($0, terminal) }.joined(separator: "\n")
    }

    private static func text(_ tree: ServiceTree, _ terminal: Terminal) -> String {
        let group = tree.controlGroup.map { ", \($0)" } ?? ""
        let all = tree.processes.count + tree.more
        let count = "\(all) process\(all == 1 ? "" : "es")"
        let title = DisplayText.safe(
            "\(tree.name) \(tree.state.rawValue), \(count), CPU \(UsageText.time(tree.processorTime)), \(UsageText.size(tree.residentBytes))\(group)"
        )
        let head = (terminal.width.map { DisplayText.cut(title, to: $0) } ?? title) + "\n"
        guard !tree.processes.isEmpty else { return head }
        var table = Table([
            Table.Column("PID", .right), .init("CPU", .right), .init("MEMORY", .right), .init("AGE", .right),
            .init("COMMAND"),
        ])
        for (process, depth) in inOrder(tree.processes) {
            let isMain = process.pid == tree.pid
            let indent = String(repeating: "  ", count: depth)
            table.add([
                .init("\(process.pid)", isMain ? .green : nil), .init(UsageText.time(process.processorTime)),
                .init(UsageText.size(process.residentBytes)),
                .init(Duration.seconds(process.age.components.seconds).text),
                .init(indent + process.command + (process.state == "D" ? " (uninterruptible)" : "")),
            ])
        }
        let more = tree.more == 0 ? "" : "… and \(tree.more) more\n"
        return head + table.text(for: terminal) + more
    }

    /// Each process below its parent, with how deep it is; one whose parent is not among them is at the top.
    static func inOrder(_ processes: [TreeProcess]) -> [(process: TreeProcess, depth: Int)] {
        let known = Set(processes.map(\.pid))
        let children = Dictionary(grouping: processes) {
            known.contains($0.parent) && $0.parent != $0.pid ? $0.parent : 0
        }
        var result: [(process: TreeProcess, depth: Int)] = []
        var waiting = (children[0] ?? []).reversed().map { ($0, 0) }
        while let (process, depth) = waiting.popLast() {
            result.append((process, depth))
            waiting += (children[process.pid] ?? []).reversed().map { ($0, depth + 1) }
        }
        return result
    }
}
