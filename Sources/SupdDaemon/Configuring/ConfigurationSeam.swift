import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What the owner of the configuration looks at of others, and has them do. It knows no more of them.
protocol ConfigurationSeam: Seam {
    /// What is said beside the configuration, and what the two say alike.
    var settings: SupervisorSettings { get set }
    var roster: Roster { get }
    var drain: DrainConductor { get }
    /// Who asks is answered there.
    var control: ControlDesk { get }
    var plugins: PluginHost { get }
    var logs: ServiceLogs { get }
    var processes: ProcessKeeper { get }
    var commands: CommandRunner { get }
    var launcher: Launcher { get }
    var notices: NoticeReader { get }
    var events: EventRing { get }

    /// What begins of a service from now on begins by this.
    func definition(of service: ServiceID) -> ServiceDefinition
    /// What takes an instance's lines, where that is a plugin's sink.
    func logQueue(of instance: InstanceID) -> SinkQueue?
    /// Whether an instance runs by an older definition than its service's.
    func runsOlderDefinition(_ instance: InstanceID) -> Bool
    /// Takes in a service that the fleet has, and its instances.
    func enroll(_ service: ServiceID, _ definition: ServiceDefinition, logQueue: SinkQueue?)
    /// Has a service have so many instances (`Supervisor.scale`).
    func scale(_ service: ServiceID, to count: Int, starts: Bool, cause: Cause) -> [InstanceID]

    // MARK: Telling

    /// When all that is enabled was up; nil where it is not yet.
    var readyAt: MonotonicInstant? { get }
    var statusSentence: String { get }
    func supervisorStatus(for viewer: Viewer?) -> SupervisorStatus
    func tellServiceManager(_ state: String, insteadOf sentence: String?)
    func tellWarnings(_ warnings: [ConfigurationFault])
}

extension Supervisor: ConfigurationSeam {
    func tellServiceManager(_ state: String, insteadOf sentence: String?) {
        notifier.send(state, insteadOf: sentence)
    }
}
