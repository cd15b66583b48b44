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
        return ProcessTree(
            leader: running.pid, invocation: invocation(of: instance, attempt: running.attempt),
            group: startedName(of: instance).description, companions: commands.processes(of: instance))
    }
}
