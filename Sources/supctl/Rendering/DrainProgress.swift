import SupdPlugin
import SupdProtocol

/// How far a drain is, as the daemon's status and its tasks tell.
struct DrainProgress: Hashable {
    /// How many names are shown of what is waited for.
    private static let shownNames = 3

    var phase: WireWord<TaskStatus.Phase>
    /// How many instances still have something running.
    var servicesUp: Int
    /// The tasks that keep the phase from its end, by name.
    var waitedFor: [String]
    /// Whole seconds until they are cancelled, or given up.
    var secondsLeft: Int64

    /// Nil where no drain is under way.
    init?(_ status: SupervisorStatus, _ list: TaskList) {
        guard let drain = status.drain else { return nil }
        phase = drain.phase
        // Connections are what runs until told to in the last phase, ours among them: they are closed, not waited for.
        let tasks = list.tasks.filter { $0.phase == drain.phase && $0.state.known != .abandoned }
        waitedFor = tasks.filter { drain.phase.known != .flush || $0.kind.known != .service }.map(\.name)
        secondsLeft = max(0, (drain.phaseLeft + .milliseconds(999)).components.seconds)
        servicesUp = [.starting, .running, .stopping].reduce(0) { $0 + status.services[$1] }
    }

    /// One line without its end.
    var text: String {
        var text = "phase \(DisplayText.safe(phase.rawValue)): \(plural(servicesUp, "service")) up"
        if !waitedFor.isEmpty {
            text += ", waiting for " + waitedFor.prefix(Self.shownNames).map(DisplayText.safe).joined(separator: ", ")
            let more = waitedFor.count - Self.shownNames
            if more > 0 { text += " and \(more) more" }
        }
        return text + ", \(Duration.seconds(secondsLeft).text) left"
    }
}
