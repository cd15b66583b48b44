import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The end of a drain, as the host keeps it where the loop does not come to it: its thread hangs in a call or spins in a policy of a
/// plugin's, or there is no memory to go on with.
struct EndEnforcement {
    /// So much later than the loop's own does that end come: what the loop needs to tell what it knows.
    private static let lateness: Duration = .milliseconds(250)
    /// The same where the end is forced, and half a second is all there is.
    private static let forcedLateness: Duration = .milliseconds(40)
    /// How often what is known is written down for the host at most, while the drain stays in a phase.
    private static let period: Duration = .milliseconds(50)
    /// How long the process may take to end once all is told.
    private static let teardownLimit: Duration = .seconds(1)

    /// What the host was last told.
    private var told: (deadline: MonotonicInstant, stage: DrainMachine.Stage, at: MonotonicInstant)?
    /// A signal came in this turn, and may have set a deadline of its own.
    private var signalHasCome = false

    /// What orders a daemon with these settings to stop, as its loop would take it.
    static func stopOrders(_ settings: SupervisorSettings, _ budget: DrainBudget) -> StopOrders {
        StopOrders(
            signals: settings.runsOneCommand ? [.term] : Set(DrainConductor.stopSignals),
            first: limit(budget), second: DrainMachine.escalatedLimit + lateness,
            third: DrainMachine.forcedLimit + forcedLateness, apart: DrainConductor.signalGuard)
    }

    /// What the first order to stop leaves, where the loop does not answer it.
    static func limit(_ budget: DrainBudget) -> Duration { budget.timeout + lateness }

    mutating func noteSignal() { signalHasCome = true }

    /// Whether the host was told of an end, or may have set one by itself.
    var isKept: Bool { told != nil || signalHasCome }

    /// Tells the host when `drain` ends at the latest, and what is to be told then. At every turn: it does something where something has
    /// changed.
    mutating func keep(
        _ drain: DrainMachine, _ host: any HostOwnProcess & HostClock, _ end: (MonotonicInstant) -> EnforcedEnd
    ) {
        switch drain.stage {
        case .idle, .held:
            // A signal sets a deadline by itself, and this one has not led to a drain.
            if told != nil || signalHasCome { host.enforce(nil) }
            told = nil
        case .phase:
            let deadline = drain.absoluteDeadline.advanced(by: drain.forced ? Self.forcedLateness : Self.lateness)
            if let told, told.stage == drain.stage, told.deadline == deadline, !signalHasCome,
                host.now.duration(since: told.at) < Self.period
            {
                return
            }
            told = (deadline, drain.stage, host.now)
            host.enforce(end(deadline))
        case .finished: break
        }
        signalHasCome = false
    }

    /// The report is made: whatever hangs from here on, it is told.
    func keep(_ host: any HostOwnProcess, _ end: (MonotonicInstant) -> EnforcedEnd) {
        if let told { host.enforce(end(told.deadline)) }
    }

    /// All is told, and nothing is left but to end.
    func keepTeardown(_ host: any HostOwnProcess & HostClock, exitCode: Int32) {
        // What was written last may have taken its time.
        let limit = host.readClock().advanced(by: Self.teardownLimit)
        host.enforce(EnforcedEnd(deadline: min(told?.deadline ?? limit, limit), exitCode: exitCode))
    }
}
