import SupdEngine
import SupdHost
import SupdPlugin

/// What those who hear services look at of others, and have them do. They know no more of them.
protocol NoticeSeam: Seam {
    var processes: ProcessKeeper { get }
    /// What the service manager keeps of them for the next daemon.
    var managerStore: ManagerStore { get }
    var commands: CommandRunner { get }
    /// On the way to the end the next daemon gets what is kept.
    var drain: DrainConductor { get }
    /// They look for lines that are waited for.
    var logs: ServiceLogs { get }
    var channels: ChannelTable { get }
    /// The instance of a name; nil where there is none.
    func instance(named name: String) -> InstanceID?
    /// A reload has ended; `problem` says why it did not succeed.
    func reloadEnded(_ reload: ReloadKey, of instance: InstanceID, problem: String?)
}

extension Supervisor: NoticeSeam {
    func instance(named name: String) -> InstanceID? {
        if let instance = roster.instance(named: name) { return instance }
        guard let service = roster.service(named: name) else { return nil }
        return fleet.instances(of: service).first { self.name(of: $0).description == name }
    }
}
