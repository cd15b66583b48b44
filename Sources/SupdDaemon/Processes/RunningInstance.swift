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
    /// What has come true of what makes it up.
    var met: ReadyConditions = []
    /// The instance as a registered task.
    var task: TaskID?

    /// A process that was started as the main one. It stays the one that gave the tree its first session and process group.
    struct FormerMain {
        /// Nil once it is reaped.
        var process: ProcessHandle?
        let pid: Int32
    }
}

extension Supervisor {
    /// The instance that `supd run` runs; nil where there may be any number.
    var oneCommand: InstanceID? { settings.runsOneCommand ? fleet.allInstances.first { _ in true } : nil }

    /// The mark that the processes of an attempt carry in their environment.
    func invocation(of instance: InstanceID, attempt: UInt64) -> String {
        let name = startedName(of: instance)
        return "\(host.invocationPrefix).\(host.ownPID).\(startedWall.nanoseconds).\(attempt).\(name)"
    }

    /// The name that an instance's processes were started under, or would be.
    func startedName(of instance: InstanceID) -> InstanceName {
        guard roster[instance].running?.isUnnumbered == true else { return name(of: instance) }
        return InstanceName(service: name(of: instance).service, index: nil)
    }

    func tree(of instance: InstanceID) -> ProcessTree? {
        guard let running = roster[instance].running else { return nil }
        let adopted = running.former == nil || running.isReaped ? [] : [running.pid]
        return ProcessTree(
            leader: running.former?.pid ?? running.pid,
            invocation: invocation(of: instance, attempt: running.attempt),
            group: startedName(of: instance).description, companions: commands.processes(of: instance) + adopted)
    }
}
