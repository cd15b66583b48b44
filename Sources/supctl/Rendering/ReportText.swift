import SupdPlugin
import SupdProtocol

/// The report of a drain, for people.
enum ReportText {
    static func text(_ report: DrainReport, terminal: Terminal) -> String {
        var text =
            "drained in \(report.duration.text): \(DisplayText.safe(report.cause)); exit code \(report.exitCode)\n"
        var phases = Table([Table.Column("PHASE"), .init("TOOK", .right), .init("OUTCOME")])
        for phase in report.phases {
            let outcome = phase.outcome
            let colour: Colour? = outcome.known == .timedOut || outcome.known == .forced ? .red : nil
            phases.add([.init(phase.phase.rawValue), .init(phase.duration.text), .init(outcome.rawValue, colour)])
        }
        text += phases.text(for: terminal)
        text += "services: \(report.servicesStopped.count) stopped"
        text += list("killed", report.servicesKilled)
        text += list("cut short", report.servicesCutShort)
        text += list(
            "abandoned",
            report.servicesAbandoned.map {
                "\($0.name) (pid \($0.pid), \($0.command), started \($0.startedAt))"
            })
        text += "\ntasks: \(report.tasksCompleted) completed, \(report.tasksCancelled) cancelled"
        text += list(
            "abandoned",
            report.tasksAbandoned.map { "\($0.name) (\($0.kind.rawValue), \($0.age.text) old, \($0.registeredAt))" })
        text += "\n"
        for hook in report.hooksFailed { text += "hook failed: \(DisplayText.safe(hook))\n" }
        let lost = report.linesLost
        if lost > 0 { text += "logs: \(plural(lost, "line")) lost\n" }
        return text
    }

    /// Nothing where there are none: only what went wrong takes room.
    private static func list(_ word: String, _ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        return ", \(names.count) \(word): " + names.map { DisplayText.safe($0) }.joined(separator: ", ")
    }
}
