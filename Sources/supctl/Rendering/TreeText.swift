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
        let title = DisplayText.safe("\(tree.name) \(tree.state.rawValue), \(used(by: tree))\(group)")
        let head = (terminal.width.map { DisplayText.cut(title, to: $0) } ?? title) + "\n"
        guard let processes = tree.processes, !processes.isEmpty else { return head }
        var table = Table([
            Table.Column("PID", .right), .init("CPU", .right), .init("MEMORY", .right),
            .init("AGE", .right, isExpendable: true), .init("COMMAND"),
        ])
        for placed in inOrder(processes) {
            let process = placed.process
            let isMain = process.pid == tree.pid
            let indent = String(repeating: "  ", count: placed.depth)
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

    /// `5 processes, CPU 7.66s, 73M`, or that it is unknown.
    private static func used(by tree: ServiceTree) -> String {
        let all = (tree.processes?.count ?? 0) + tree.more
        let count = plural(all, "process", "processes")
        guard let time = tree.processorTime, let memory = tree.residentBytes else {
            return (all == 0 ? "processes" : "at least \(count)") + ", CPU and memory unknown"
        }
        let some = tree.more > 0 ? "at least " : ""
        return "\(some)\(count), CPU \(some)\(UsageText.time(time)), \(some)\(UsageText.size(memory))"
    }

    /// A process in its place of a tree.
    struct Placed {
        let process: TreeProcess
        /// How many are above it.
        let depth: Int
    }

    /// Each process below its parent, with how deep it is; one whose parent is not among them is at the top.
    ///
    /// They are a few, at most hundreds: each is compared with each. What a dictionary's type needs takes longer to be found.
    static func inOrder(_ processes: [TreeProcess]) -> [Placed] {
        func isBelow(_ process: TreeProcess, _ parent: TreeProcess) -> Bool {
            process.parent == parent.pid && process.pid != parent.pid
        }
        var result: [Placed] = []
        // Those that are to be shown, the next one last.
        var waiting: [Placed] = []
        for process in processes.reversed() where !processes.contains(where: { isBelow(process, $0) }) {
            waiting.append(Placed(process: process, depth: 0))
        }
        while let next = waiting.popLast() {
            result.append(next)
            for process in processes.reversed() where isBelow(process, next.process) {
                waiting.append(Placed(process: process, depth: next.depth + 1))
            }
        }
        return result
    }
}
