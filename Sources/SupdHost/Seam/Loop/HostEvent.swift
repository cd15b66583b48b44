package import SupdPlugin

/// Something that happened, as the loop saw it.
package enum HostEvent: Hashable, Sendable {
    /// An armed timer's deadline has come; the timer is disarmed.
    case timer(TimerToken)
    /// A main process has ended: `reap` collects it.
    case exited(ProcessHandle)
    /// The process that was given the terminal was stopped by this signal.
    case stopped(ProcessHandle, by: Signal)
    /// Adopted processes, so many, have ended and were reaped: trees that were not empty may be now. Zero where none
    /// ended, and it is time to look again all the same.
    case adoptedReaped(Int)
    /// Sockets that took their time are made: who binds one of them again has it at once. Told once, and what nobody asks for then is closed.
    case socketsCame
    /// An adopted process cannot be looked at, and hides whose it is: it keeps no tree from being proved gone any more. Told once.
    case unreadable(ProcessDetail)
    /// There is something to read, or the other end has closed; for a listener, a connection waits.
    case readable(Channel)
    /// There is room to write again.
    case writable(Channel)
    /// Both directions of a connection are closed (`HostBytes.tellHangUp`). What was sent before may still be read.
    case hungUp(Channel)
    /// A signal was sent to the daemon. Several of one kind may be told as one (signal(7)).
    case signal(Signal)
    /// A spawn that was pending is back.
    case spawnEnded(SpawnID, Result<SpawnedProcess, SpawnFailure>)
    /// A file of the control socket's was removed or changed, or could not be written: `mendControlSocket` looks after it.
    case controlSocketDisturbed
    /// Work off the loop has ended; with what it threw, if it did.
    case workEnded(WorkID, error: String?)
}
