import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What those who start programs look at of others, and have them do. They know no more of them.
protocol LaunchSeam: Seam {
    /// While it goes on nothing is started, and the log of what was is a task that it waits for.
    var drain: DrainConductor { get }
    var processes: ProcessKeeper { get }
    /// What the service manager keeps of them for the next daemon.
    var managerStore: ManagerStore { get }
    var notices: NoticeReader { get }
    var logs: ServiceLogs { get }
    var plugins: PluginHost { get }
    /// What begins of a service from now on begins by this.
    func definition(of service: ServiceID) -> ServiceDefinition
    /// What takes an instance's lines, where that is a plugin's sink.
    func logQueue(of instance: InstanceID) -> SinkQueue?
}

extension Supervisor: LaunchSeam {
    func logQueue(of instance: InstanceID) -> SinkQueue? { roster.logQueue(of: fleet.service(of: instance)) }
}
