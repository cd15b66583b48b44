import SupdPlugin
import SupdProtocol

/// The table of `tasks`.
enum TaskTable {
    static func text(_ list: TaskList, terminal: Terminal) -> String {
        var table = Table([
            Table.Column("TASK"), .init("KIND", isExpendable: true), .init("PHASE"), .init("STATE"),
            .init("AGE", .right),
            .init("LEFT", .right), .init("REGISTERED AT"),
        ])
        for task in list.tasks {
            let parent = task.parent.map { " (by \($0))" } ?? ""
            table.add([
                .init(task.name), .init(task.kind.rawValue), .init(task.phase.rawValue),
                .init(task.state.rawValue, colour(of: task)), .init(task.age.text),
                .init(task.deadline.map { $0.text } ?? "-"), .init(task.registeredAt + parent),
            ])
        }
        let sum = "registry \(DisplayText.safe(list.registry.rawValue)), \(plural(list.tasks.count, "task"))"
        return table.text(for: terminal) + "\n" + (terminal.width.map { DisplayText.cut(sum, to: $0) } ?? sum) + "\n"
    }

    private static func colour(of task: TaskStatus) -> Colour? {
        switch task.state.known {
        case .cancelled, .abandoned: .yellow
        case .running, nil: nil
        }
    }
}
