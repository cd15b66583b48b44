import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What a drain looks at of others, and has them do. It knows no more of them.
protocol DrainSeam: Seam {
    var settings: SupervisorSettings { get }
    var logs: ServiceLogs { get }
    var plugins: PluginHost { get }
    /// The instance that `supd run` runs.
    var oneCommand: InstanceID? { get }
    /// The instances that the configuration has.
    var listed: [InstanceID] { get }

    /// What the service manager is told; that its own deadline is pushed out for as long as the drain is under way.
    func tellServiceManager(_ state: String)
    func extendTimeout()

    // MARK: Processes

    /// Kills processes that left their service, session and environment behind. False where not every process could be looked at.
    func killStrays() -> Bool
    /// The instances of which something runs, each with what has to be given up of it.
    func processesToAbandon() -> [(instance: InstanceID, processes: [AbandonedProcess])]
    /// Whether anything of a service is left.
    var hasRunning: Bool { get }
    /// The main processes that run; nothing is looked up for it.
    var mainProcesses: [AbandonedProcess] { get }
    var commands: CommandRunner { get }

    // MARK: Control

    var openConnections: Int { get }
    func flushConnections()
    /// Those who wait for services are answered with what has become of them.
    func answerWaitersOfShutdown()
    /// Those who wait for the drain, also where it is one that ends the daemon.
    func answerDrainWaiters(_ report: DrainReport, alsoOfShutdown: Bool)
    /// Each is closed once its replies are out; those that have read all of theirs hold nothing up; all are closed.
    func beginClosingConnections()
    func completeIdleConnections()
    func closeAllConnections()
    func sumUpRefusals()
}

extension Supervisor: DrainSeam {
    func tellServiceManager(_ state: String) { notifier.send(state) }

    var hasRunning: Bool { processes.hasRunning }

    var openConnections: Int { control.count }
}
