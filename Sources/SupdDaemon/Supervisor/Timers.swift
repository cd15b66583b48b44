import SupdEngine
import SupdHost

/// What the supervisor's timers are for; the subject is the number of whose it is.
enum TimerKind: UInt16 {
    /// An instance's deadline: backoff, start timeout, stop step.
    case service = 1
    /// The drain's next step.
    case drain
    /// An order that waits.
    case waiter
    /// A client that was denied too much rests, and what clients were refused is summed up.
    case rest, refusals
    /// There is more to do than one turn may.
    case next
    /// A client that does not read, or has sent half a request.
    case connection
    /// More spawns are in the queue than one turn may do.
    case spawns
    /// A spawn that is not back for so long that it is told of.
    case pendingSpawn
    /// The service manager is to be told that the start or the drain goes on.
    case extend
    /// The service manager's watchdog is to hear of the daemon.
    case watchdog
    /// The service manager had no room for a message, or is to get the next sentence.
    case notifier
    /// The service manager had no room for a descriptor, or for what is to become of one.
    case managerStore
    /// A run of hooks: its budget, or its grace.
    case hooks
    /// A probe: its next question, the end of its time, or of its grace.
    case probe
    /// The logs' own: a file to open again, a count to tell.
    case logs
    /// A program of a plugin: the grace of a cancelled one, or the last read of one that has ended.
    case program
    /// A command of a service's: its time.
    case command
    /// The time that a service is given to become ready.
    case ready
    /// A service that was told by a signal to reload has not said that it has.
    case reload
    /// A sink holds services up: whether it takes anything is looked at.
    case stalledSinks
    /// Pipes that are written to without a pause are to be read.
    case floodedPipes
    /// A program that waits until nothing is left of the commands before it: the next SIGKILL to that, or the end of its time.
    case emptyTree
    /// Who asks what the daemon is waits no longer for what its configuration's files say by now.
    case information
    /// A file of the control socket's could not be mended, and is tried again.
    case controlSocket
    /// What is on its way out of a plugin: its budget, or its grace.
    case departure

    func token(_ subject: Int = 0) -> TimerToken {
        TimerToken(kind: rawValue, subject: UInt64(subject))
    }

    func token(_ instance: InstanceID) -> TimerToken { TimerToken(kind: rawValue, subject: instance.number) }
}
