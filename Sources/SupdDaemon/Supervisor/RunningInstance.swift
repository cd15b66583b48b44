import SupdEngine
import SupdHost
import SupdPlugin

/// What exists in the world of one instance's latest attempt, until its tree is proved gone.
struct RunningInstance {
    /// The attempt's number.
    var attempt: UInt64
    /// The main process.
    var process: ProcessHandle
    /// Its process id; the process may be reaped already.
    var pid: Int32
    /// Whether the main process is reaped, so that `process` may not be signalled any more.
    var isReaped = false
    /// The instance as a registered task.
    var task: TaskID?
}

extension Supervisor {
    /// The mark that the processes of an attempt carry in their environment.
    func invocation(of instance: Int, attempt: UInt64) -> String {
        "\(host.ownPID).\(startedWall.nanoseconds).\(instance).\(attempt)"
    }

    func tree(of instance: Int) -> ProcessTree? {
        guard let running = running[instance] else { return nil }
        return ProcessTree(leader: running.pid, invocation: invocation(of: instance, attempt: running.attempt))
    }
}
