import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What those who run commands of services look at of others, and have them do. They know no more of them.
protocol CommandSeam: Seam {
    /// Each run is a task that a drain waits for.
    var drain: DrainConductor { get }
    var processes: ProcessKeeper { get }
    var commands: CommandRunner { get }
    var notices: NoticeReader { get }
    var logs: ServiceLogs { get }
    /// They have the hooks of a stop.
    var plugins: PluginHost { get }
    /// What takes an instance's lines, where that is a plugin's sink.
    func logQueue(of instance: InstanceID) -> SinkQueue?
    /// What begins of an instance now begins by its service's definition.
    func adoptDefinition(of instance: InstanceID)
    /// A reload has ended; `problem` says why it did not succeed.
    func reloadEnded(_ reload: ReloadKey, of instance: InstanceID, problem: String?)
}

extension Supervisor: CommandSeam {
    func adoptDefinition(of instance: InstanceID) { roster.adopt(instance) }
}
