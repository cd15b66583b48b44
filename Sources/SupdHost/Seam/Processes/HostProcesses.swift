package import SupdPlugin

/// Processes that the host starts: each has a handle until it is reaped.
package protocol HostProcesses: AnyObject {
    /// Starts a program in a session and process group of its own, with exactly the descriptors asked for.
    /// What takes longer than a moment, as a file system that does not answer does, is answered as pending.
    func spawn(_ order: SpawnOrder) -> SpawnAnswer
    /// Ends a spawn that is pending, by SIGKILL where its child is made. `.spawnEnded` tells when it has, for the kernel may hold the
    /// child as long as it likes. Nothing where it is back.
    func takeBack(_ spawn: SpawnID)
    /// How far a pending spawn has come; nil where it is back.
    func progress(of spawn: SpawnID) -> SpawnProgress?
    /// Takes hold of a process of `tree`, whose mark is that of `invocation`, that the host has not started itself: it has a handle from
    /// then on, as those have.
    func adopt(_ process: Int32, of tree: ProcessTree, invocation: String) -> AdoptionAnswer
    /// Lets go of a process that was adopted: its end is not told any more. Nothing for any other.
    func letGo(_ process: ProcessHandle)
    /// Collects the status of a process that `.exited` was told of. Nil where it has not ended after all.
    /// After it answered, the process's number may belong to another; only `tree` calls may follow.
    func reap(_ process: ProcessHandle) -> ProcessStatus?
    /// Sends a signal to one process, by pidfd. False where it is gone.
    @discardableResult
    func signal(_ process: ProcessHandle, _ signal: Signal) -> Bool
    /// Sends a signal to the process group that `process` leads, as long as that is not reaped, and to whoever else is in the control group
    /// of `tree`, or without one is of it: at once where it has them leave a core, and else within a moment, inside `wait`, where `process`
    /// has not ended by it. SIGKILL goes to the group alone, and the rest is for `signalTree`. False where it is gone. `tree` is asked for
    /// only where it is looked at: for SIGCONT right after another signal it is not.
    @discardableResult
    func signalGroup(_ process: ProcessHandle, of tree: @autoclosure () -> ProcessTree, _ signal: Signal) -> Bool
    /// Goes on with the process that was given the terminal: gives that again, where it is the daemon's to give, and continues its
    /// process group. After a `stop` of it (`.stopped`) the daemon first takes the terminal back and stops as well, as a shell's
    /// job does, until it is continued; not where no shell waits for it.
    func continueJob(_ process: ProcessHandle, after stop: Signal?)
}

/// What comes of `HostProcesses.adopt`.
package enum AdoptionAnswer: Sendable {
    case adopted(ProcessHandle)
    /// There is none of that number in the tree, or it has a handle already.
    case refused
    /// Whether it is of the tree cannot be seen yet (`Membership.unclear`).
    case unclear
}
