import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What a drain looks at of others, and has them do. It knows no more of them.
protocol DrainSeam: Seam {
    var settings: SupervisorSettings { get }
    var logs: ServiceLogs { get }
    var plugins: PluginHost { get }
    /// Clients are told how it ends, and their connections are closed.
    var control: ControlDesk { get }
    /// The instance that `supd run` runs.
    var oneCommand: InstanceID? { get }
    /// The instances that the configuration has.
    var listed: [InstanceID] { get }

    /// What the service manager is told; that its own deadline is pushed out for as long as the drain is under way.
    func tellServiceManager(_ state: String)
    /// The same with the last that it is told.
    func tellServiceManagerLast(_ state: String)
    func extendTimeout()
    /// When that was told of READY=1; nil before.
    var readyAt: MonotonicInstant? { get }

    // MARK: Processes

    /// Kills processes that left their service, session and environment behind. False where not every process could be looked at.
    func killStrays() -> Bool
    /// The instances of which something runs, each with what has to be given up of it.
    func processesToAbandon() -> [(instance: InstanceID, processes: [AbandonedProcess])]
    /// What has to be given up of plugins' programs: children that have not come to them.
    func programsToAbandon() -> [AbandonedProcess]
    /// Whether anything of a service is left.
    var hasRunning: Bool { get }
    /// The first of the main processes that run; nothing is looked up for it.
    func mainProcesses(atMost limit: Int) -> [AbandonedProcess]
    var commands: CommandRunner { get }
}

extension Supervisor: DrainSeam {
    func tellServiceManager(_ state: String) { notifier.send(state) }
    func tellServiceManagerLast(_ state: String) { notifier.end(with: state) }

    var hasRunning: Bool { processes.hasRunning }
}
