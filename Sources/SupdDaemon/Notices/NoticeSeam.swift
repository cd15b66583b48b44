import SupdEngine
import SupdHost
import SupdPlugin

/// What those who hear services look at of others, and have them do. They know no more of them.
protocol NoticeSeam: Seam {
    var processes: ProcessKeeper { get }
    var commands: CommandRunner { get }
    /// They look for lines that are waited for.
    var logs: ServiceLogs { get }
    var channels: ChannelTable { get }
    /// A reload has ended; `problem` says why it did not succeed.
    func reloadEnded(_ reload: ReloadKey, of instance: InstanceID, problem: String?)
}

extension Supervisor: NoticeSeam {}
