import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What a drain remembers for its report.
struct ShutdownRecord {
    var cause = ""
    var startedAt = WallTime(nanoseconds: 0)
    /// The code of what ended or failed, and took the daemon with it.
    var failureCode: Int32?
    /// Whether something has failed for good since that was last looked for (`exit_when`).
    var sawFailure = false
    /// Instances that were killed when the time of the phase was over and their own time to stop was not.
    var cutShort: Set<InstanceID> = []
    /// Those of them that did end by that, by name.
    var killedEarly: [String] = []
    var stopped: [String] = []
    var killed: [String] = []
    var abandonedProcesses: [AbandonedProcess] = []
    /// Whether the last look for processes that no stop was for could be made.
    var foundAllStrays = true
    /// Hooks that threw or did not end, as sentences.
    var hooksFailed: [String] = []
    /// How many lines sinks had not taken before.
    var linesLostBefore = 0
    /// The report of a drain that holds.
    var heldReport: DrainReport?
    /// The last phase has come to where logs and connections are closed.
    var isClosing = false
    /// The event sinks have been told of the end.
    var endWasEmitted = false
    /// Whether the report is in its file.
    var isWritten = false
    /// The report of the whole, once there is nothing left to report.
    var finalReport: DrainReport?

    mutating func begin(cause: String, at time: WallTime, linesLost: Int) {
        self.cause = cause
        startedAt = time
        linesLostBefore = linesLost
    }

    mutating func note(stopped instance: InstanceID, _ name: String, killed: Bool) {
        if killed { self.killed.append(name) } else { stopped.append(name) }
        if killed, cutShort.remove(instance) != nil { killedEarly.append(name) }
    }
}

/// The exit statuses of supd (contract).
enum ExitCode {
    static let done: Int32 = 0
    /// Of a service that has failed, where there is no code of its own.
    static let neverStarted: Int32 = 1
    static let usage: Int32 = 64
    static let alreadyServed: Int32 = 69
    static let internalError: Int32 = 70
    static let tasksAbandoned: Int32 = 75
    static let processesAbandoned: Int32 = 76
    static let forced: Int32 = 77
    static let configurationRefused: Int32 = 78
}

extension ShutdownRecord {
    /// The report as it stands. `exitCode` is what a daemon answers that had nothing to give up; nil where that is what took it with it.
    /// `linesLost` is how many lines sinks have not taken since the daemon began.
    func report(
        of drain: DrainMachine, _ tasks: TaskRegistry, exitCode: Int32?, linesLost: Int, now: MonotonicInstant
    ) -> DrainReport {
        var code = exitCode ?? failureCode ?? ExitCode.done
        if !tasks.abandoned.isEmpty { code = ExitCode.tasksAbandoned }
        if !abandonedProcesses.isEmpty { code = ExitCode.processesAbandoned }
        if drain.forced { code = ExitCode.forced }
        return DrainReport(
            cause: cause, startedAt: startedAt, duration: now.duration(since: drain.startedAt), exitCode: code,
            phases: drain.records.map(DrainedPhase.init), tasksCompleted: tasks.completedInDrain,
            tasksCancelled: tasks.cancelledInDrain, tasksAbandoned: tasks.abandoned.map { AbandonedTask($0, now: now) },
            servicesStopped: stopped, servicesKilled: killed, servicesCutShort: killedEarly,
            servicesAbandoned: abandonedProcesses, hooksFailed: hooksFailed, linesLost: linesLost - linesLostBefore)
    }
}
