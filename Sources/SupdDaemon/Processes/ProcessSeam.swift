import SupdEngine
import SupdHost
import SupdPlugin

/// What those who keep the processes look at of others, and have them do. They know no more of them.
protocol ProcessSeam: Seam {
    /// What runs of an instance is a task that a drain waits for.
    var drain: DrainConductor { get }
    var processes: ProcessKeeper { get }
    var launcher: Launcher { get }
    /// They are part of the trees.
    var commands: CommandRunner { get }
    var notices: NoticeReader { get }
    var logs: ServiceLogs { get }
    /// Their programs are processes, too.
    var plugins: PluginHost { get }
    /// When the daemon was started: part of the mark that a process carries.
    var startedWall: WallTime { get }
    /// The wall time of a monotonic instant, for display.
    func wall(_ instant: MonotonicInstant) -> WallTime
    /// Writes of the end of a main process.
    func logExit(of instance: InstanceID, _ outcome: ExitOutcome)
}

extension Supervisor: ProcessSeam {}
