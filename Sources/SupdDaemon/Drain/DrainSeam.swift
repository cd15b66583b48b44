import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What a drain looks at of others, and has them do. It knows no more of them.
protocol DrainSeam: Seam {
    var settings: SupervisorSettings { get }
    var logs: ServiceLogs { get }
    /// The instance that `supd run` runs.
    var oneCommand: InstanceID? { get }
    /// The instances that the configuration has.
    var listed: [InstanceID] { get }

    /// What the service manager is told, and the sentence that it shows.
    func tellServiceManager(_ state: String)
    var statusSentence: String { get }

    // MARK: Processes

    /// Kills processes that left their service, session and environment behind. False where not every process could be looked at.
    func killStrays() -> Bool
    /// The instances of which something runs, each with what has to be given up of it.
    func processesToAbandon() -> [(instance: InstanceID, processes: [AbandonedProcess])]
    /// Whether anything of a service is left.
    var hasRunning: Bool { get }
    /// The main processes that run; nothing is looked up for it.
    var mainProcesses: [AbandonedProcess] { get }
    /// There is no time any more for commands that nobody waits for.
    func killDroppedCommands()

    // MARK: Plugins

    /// Registers the daemon's hooks, so that the drain waits for them; takes those back that have not run.
    func registerDaemonHooks()
    func unregisterDaemonHooks()
    /// Whether hooks of the daemon have not had their turn; gives it to them.
    func awaitsDaemonHooks(_ point: HookPoint) -> Bool
    func beginDaemonHooks(_ point: HookPoint)
    /// The hooks of a phase are told that their time is over, or given up.
    func cancelHooks(of phase: DrainPhase)
    func abandonHooks(of phase: DrainPhase)
    /// Nobody wants to know any more.
    func endProbes()
    /// Jobs are told to end, or begun anew where they have.
    func tellJobs()
    func startJobsAgain()
    /// The work that a task is, if it is work: told that its time is over, or forgotten.
    func cancelWork(of task: TaskID)
    func forgetWork(of task: TaskID)
    func killPrograms()
    /// Sinks that take something yet; the tasks of those are over for which nothing waits; or they are given up.
    var openSinks: Int { get }
    func closeIdleSinks()
    func giveUpSinks()

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

    func cancelWork(of task: TaskID) {
        if let work = plugins.work.work(of: task) { host.cancel(work) }
    }

    func forgetWork(of task: TaskID) {
        if let work = plugins.work.work(of: task) { _ = plugins.work.remove(work) }
    }

    var hasRunning: Bool { !roster.running.isEmpty }

    var openSinks: Int { plugins.sinks.count { $0.task != nil } }

    var openConnections: Int { control.count }
}
