import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// What the control desk looks at of others, and has them do. It knows no more of them.
protocol ControlSeam: Seam {
    var settings: SupervisorSettings { get }
    var roster: Roster { get }
    var logs: ServiceLogs { get }
    var plugins: PluginHost { get }
    var processes: ProcessKeeper { get }
    var notices: NoticeReader { get }
    /// Every connection is a task that a drain waits for.
    var drain: DrainConductor { get }
    var channels: ChannelTable { get }
    var events: EventRing { get }
    /// When the daemon was started.
    var startedWall: WallTime { get }
    var wallClock: WallClock { get }

    /// Has a request, which `peer` may make, served by whoever serves its method.
    func serve(_ request: Request, _ slot: Int, _ peer: PeerCredentials)
    /// What is answered of an instance, as `viewer` may be told it.
    func status(of instance: InstanceID, for viewer: Viewer?) -> ServiceStatus
    /// Why it is as it is.
    func words(of instance: InstanceID) -> Sentence
    var supervisorState: SupervisorState { get }

    /// The instances that there are, in the order of the configuration; those that were scaled away only while they go.
    var listed: [InstanceID] { get }
    /// What begins of a service from now on begins by this.
    func definition(of service: ServiceID) -> ServiceDefinition
    /// Whether the configuration in force does not have a service any more.
    func isDeparting(_ service: ServiceID) -> Bool
    /// Has a service have so many instances (`Supervisor.scale`).
    func scale(_ service: ServiceID, to count: Int, starts: Bool, cause: Cause) -> [InstanceID]
}

extension Supervisor: ControlSeam {
    func isDeparting(_ service: ServiceID) -> Bool { configuring.isDeparting(service) }
}
