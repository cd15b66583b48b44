package import SupdPlugin

/// What can happen to an instance.
package enum ServiceEvent: Hashable, Sendable {
    /// Somebody wants it up.
    case start(Cause)
    /// Somebody wants it down.
    case stop(Cause)
    /// Somebody wants it down and then up.
    case restart(Cause)
    /// Somebody wants its failures forgotten.
    case resetFailed(Cause)
    /// Its dependencies are up and a slot is free: begin.
    case launch
    /// Its dependents are down: begin the stop that was requested.
    case beginStop
    /// The spawn of this attempt is not back, and may never be: a file system does not answer.
    case spawnPending(attempt: UInt64)
    /// The program of this attempt has begun.
    case spawned(attempt: UInt64, pid: Int32)
    /// The program of this attempt could not be started.
    case spawnFailed(attempt: UInt64, SpawnFailure)
    /// The main process of this attempt has ended and is reaped.
    case exited(attempt: UInt64, ExitOutcome)
    /// What is left of this attempt's tree after its main process.
    case treeExamined(attempt: UInt64, remaining: Int)
    /// An errand of this attempt has ended: well, or with how a command of it failed, which may have been that its time was over.
    case errandEnded(attempt: UInt64, Errand, failure: ExitOutcome?, isOverdue: Bool = false)
    /// The readiness probe of this attempt has said yes.
    case becameReady(attempt: UInt64)
    /// The health probe of this attempt has failed too often.
    case becameUnhealthy(attempt: UInt64)
    /// The program of this attempt says something of itself.
    case notified(attempt: UInt64, ServiceNotice)
    /// `deadline` has come.
    case timer
    /// The time for a polite stop is over.
    case kill
}

/// What follows from it, for others to do.
package enum ServiceAction: Hashable, Sendable {
    /// Ask for `.launch` when dependencies and slots allow it.
    case requestLaunch
    /// Ask for `.beginStop` when the dependents are down.
    case requestStop
    /// Start the program, and answer with `.spawned` or `.spawnFailed`.
    case spawn(attempt: UInt64)
    /// Send a signal to the main process alone.
    case signalMain(Signal)
    /// Send a signal to the process group, whose leader is alive.
    case signalGroup(Signal)
    /// Send a signal to every process of the tree.
    case signalTree(Signal)
    /// Run an errand, and answer with `.errandEnded`.
    case runErrand(attempt: UInt64, Errand)
    /// Begin nothing more of the errand of this attempt: nobody waits for its end. What runs of it is part of the tree.
    case dropErrand(attempt: UInt64)
    /// Look what is left of the tree, and answer with `.treeExamined`.
    case examineTree(attempt: UInt64)
}
