import SupdEngine
import SupdHost
import SupdPlugin

/// What exists in the world of one instance's latest attempt, until its tree is proved gone.
struct RunningInstance {
    /// The attempt's number.
    var attempt: UInt64
    /// The main process; nil where it was not begun, and only commands before it were.
    var process: ProcessHandle?
    /// Its process id, zero where there is none; the process may be reaped already.
    var pid: Int32
    /// What was started as the main process, where that is another by now.
    var former: FormerMain?
    /// Whether there is no main process, or it is reaped, so that `process` may not be signalled any more.
    var isReaped = false
    /// Whether its processes were started under the service's name alone, before it was scaled.
    var isUnnumbered: Bool
    /// The spawn of its program, where that is not back.
    var spawn: SpawnID?
    /// What was left of its tree when that was last looked at.
    var left: [Int32] = []
    /// The instance as a registered task.
    var task: TaskID?

    /// A process that was started as the main one. It stays the one that gave the tree its first session and process group.
    struct FormerMain {
        /// Nil once it is reaped.
        var process: ProcessHandle?
        let pid: Int32
    }
}
