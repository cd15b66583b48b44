public import SupdPlugin

/// Everything the daemon asks of the world: the one seam between what decides and what acts.
///
/// `LinuxHost` does it with system calls; the simulated host of `SupdTesting` does it with virtual time and
/// scripted processes, and can make any call fail. A host acts and never decides. All of it is called on one
/// thread, the loop's; only `LinuxHost.submit` may be called from others.
public protocol Host: AnyObject {
    // MARK: Time and chance

    /// The monotonic clock, read once for each turn of the loop.
    var now: MonotonicInstant { get }
    /// The monotonic clock as it is now: for bounds on what one turn may do.
    func readClock() -> MonotonicInstant
    /// Wall time, for display only.
    func wallClock() -> WallTime
    /// A random number in 0..<1.
    func random() -> Double
    /// The daemon's own process id.
    var ownPID: Int32 { get }

    /// Gives back to the system what a large piece of work has left behind. Not for a hot path.
    func giveBackMemory()

    // MARK: The loop

    /// Waits until something happens, and appends it to `events`, oldest first; a turn is bounded in number.
    /// Returns at once with nothing where a signal handler of a debugger interrupted it.
    func wait(into events: inout [HostEvent])
    /// Delivers `.timer(token)` at `deadline`. A second call with the same token moves it.
    func arm(_ token: TimerToken, at deadline: MonotonicInstant)
    /// Takes a timer back. Nothing where it is not armed.
    func disarm(_ token: TimerToken)

    /// Has the process end at `end.deadline`, by a thread that needs nothing of the loop, whatever has become of that by then. A
    /// later call replaces the end before it; nil takes it back.
    func enforce(_ end: EnforcedEnd?)

    // MARK: Processes

    /// Starts a program in a session and process group of its own, with exactly the descriptors asked for.
    /// What takes longer than a moment, as a file system that does not answer does, is answered as pending.
    func spawn(_ order: SpawnOrder) -> SpawnAnswer
    /// Ends a spawn that is pending, by SIGKILL where its child is made. `.spawnEnded` tells when it has, for the kernel may hold the
    /// child as long as it likes. Nothing where it is back.
    func takeBack(_ spawn: SpawnID)
    /// How far a pending spawn has come; nil where it is back.
    func progress(of spawn: SpawnID) -> SpawnProgress?
    /// Collects the status of a process that `.exited` was told of. Nil where it has not ended after all.
    /// After it answered, the process's number may belong to another; only `tree` calls may follow.
    func reap(_ process: ProcessHandle) -> ProcessStatus?
    /// Sends a signal to one process, by pidfd. False where it is gone.
    @discardableResult
    func signal(_ process: ProcessHandle, _ signal: Signal) -> Bool
    /// Sends a signal to the whole control group of `tree`, or without one to the process group that `process` leads and to the
    /// members of the tree outside it, as long as `process` is not reaped. SIGKILL goes to the group alone, and the rest is for
    /// `signalTree`. False where it is gone.
    @discardableResult
    func signalGroup(_ process: ProcessHandle, of tree: ProcessTree, _ signal: Signal) -> Bool
    /// Goes on with the process that was given the terminal: gives that again, where it is the daemon's to give, and continues its
    /// process group. After a `stop` of it (`.stopped`) the daemon first takes the terminal back and stops as well, as a shell's
    /// job does, until it is continued; not where no shell waits for it.
    func continueJob(_ process: ProcessHandle, after stop: Signal?)
    /// How trees are told apart.
    var tracking: ProcessTracking { get }
    /// The processes that `tree` still has, its main process aside once that is reaped: those of its control group, or else by
    /// process group, session, descent, and the mark in the environment. What cannot be looked at is never waited for.
    func look(at tree: ProcessTree) -> TreeLook
    /// The processes of several trees of one service, each its own, in one look.
    func members(of trees: [ProcessTree]) -> [[Int32]]
    /// The first `limit` processes of a tree, and how many more there are at least. For a person to look at: it proves nothing.
    func processes(of tree: ProcessTree, atMost limit: Int) -> (pids: [Int32], more: Int)
    /// The folder of a tree's control group; nil where it has none.
    func controlGroup(of tree: ProcessTree) -> String?
    /// What there is to know of these processes; those that are gone are left out. The command of one that cannot be looked at within
    /// a moment is `unknown`. For a few: of many, `describe`.
    func details(of processes: [Int32]) -> [ProcessDetail]
    /// Tells `then` the same, at once or inside `wait`, when they have been looked at, at most `limit` from now.
    func describe(_ processes: [Int32], within limit: Duration, then: @escaping ([ProcessDetail]) -> Void)
    /// Removes the control group of a tree that is proved gone. Nothing where it has none, or processes are in it after all.
    func release(_ tree: ProcessTree)
    /// Finds the processes that an earlier daemon of the same control socket has left behind, kills them, and waits until they
    /// are gone, at most `limit`. For the time before the first start; answers nothing where there are none. What does not
    /// end stands in the way of a start of its instance (`SpawnFailure.Stage.leftovers`) for as long as it is there.
    func endLeftovers(within limit: Duration) -> LeftoverReport
    /// Sends a signal to every member of `tree`, each by a pidfd whose identity was checked after it was opened.
    func signalTree(_ tree: ProcessTree, _ signal: Signal)
    /// Sends SIGKILL to every process below the daemon, known or adopted, but those of `spared` and what is below them.
    /// For the end of a drain. Returns the processes that were found, as they were before, where they are to be described.
    @discardableResult
    func killAllDescendants(sparing spared: [ProcessHandle], describing: Bool) -> KilledDescendants

    // MARK: Work off the loop

    /// Runs `body` on Swift's pool, which starts with the first. `.workEnded` tells of its end, also where it was cancelled;
    /// nothing on the loop waits for it. A number is used once.
    func begin(_ work: WorkID, named name: String, _ body: @escaping @Sendable () async throws -> Void)
    /// Cancels the work's task. Nothing where it has ended.
    func cancel(_ work: WorkID)
    /// Has `wait` return soon, with nothing perhaps. From any thread.
    var waker: @Sendable () -> Void { get }

    // MARK: Bytes

    /// Reads what is there, never waiting.
    func read(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult
    /// Writes what fits, never waiting.
    func write(_ channel: Channel, _ bytes: UnsafeRawBufferPointer) -> WriteResult
    /// Says which of `.readable` and `.writable` are wanted of a channel; both or neither may be.
    func watch(_ channel: Channel, readable: Bool, writable: Bool)
    /// Has `.hungUp` told, once, when both directions of a connection are closed while it is not watched for reading: also where
    /// nothing of it is watched. One that is watched for reading is told as readable then.
    func tellHangUp(of channel: Channel)
    /// Closes a channel. Events of it that are on their way are dropped.
    func close(_ channel: Channel)
    /// Standard error of the daemon; writes to it never wait either.
    var standardError: Channel { get }

    // MARK: The control socket

    /// Makes the control socket at `path`: takes the lock beside it for life, then removes a stale socket, then
    /// binds with a closed umask. Or takes the one that systemd handed over under the name `control`, and the lock beside that.
    func claimControlSocket(path: String) -> Result<Channel, SocketClaimFailure>
    /// Puts back what was removed of the control socket's files, and writes what could not be written. To be called once before
    /// anything is started, at `.controlSocketDisturbed`, and again after a while as long as there is trouble.
    func mendControlSocket() -> ControlSocketState
    /// Accepts one waiting connection.
    func accept(_ listener: Channel) -> AcceptResult
    /// Removes the control socket's file, if this daemon made it, and the control groups that it made, at the end: nothing of that is
    /// waited for after `deadline`. With `leavesNothing` the next daemon is told that there is nothing to look for
    /// (`endLeftovers`), unless groups had to be left.
    func releaseControlSocket(leavesNothing: Bool, by deadline: MonotonicInstant)

    // MARK: Sockets of services

    /// Binds a socket, and listens on it where it is a stream's. A file of a socket that nobody listens on any more is replaced.
    func bind(_ socket: ListenSocket) -> Result<BoundSocket, ErrorNumber>
    /// Closes a bound socket, and removes the file it made.
    func unbind(_ socket: BoundSocket)

    // MARK: Files

    /// The log file of these settings; nothing is opened before its first `append`.
    func logFile(_ settings: LogFileSettings) -> any LogFile
    /// Writes a small file whole, by a temporary one and rename. The old one stays where it fails. ETIMEDOUT where it is not done after
    /// `bound`; it may be later.
    func replaceFile(path: String, contents: [UInt8], within bound: Duration) -> ErrorNumber?
    /// The daemon's own environment: `NAME=value` each, in any bytes but zero.
    var environment: [[UInt8]] { get }
    /// What tells this daemon's processes from those of any other control socket's, for the marks of its trees; without a dot.
    var invocationPrefix: String { get }
    /// The daemon's own memory in bytes: what is resident, and its share of that (PSS). Zero where it cannot be told.
    func ownMemory() -> (resident: Int, proportional: Int)

    // MARK: systemd

    /// Whether there is a service manager to tell (NOTIFY_SOCKET).
    var hasServiceManager: Bool { get }
    /// Whether standard error is connected to the journal (JOURNAL_STREAM).
    var hasJournal: Bool { get }
    /// Sends `state` (sd_notify(3)) to the service manager. False where it could not be sent.
    @discardableResult
    func notify(_ state: String) -> Bool
    /// Sends one entry to the journal, never waiting. `fields` are sent beside MESSAGE.
    func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult
}

extension Host {
    /// The processes that `tree` still has, as far as they are found.
    public func members(of tree: ProcessTree) -> [Int32] { look(at: tree).members }
}
