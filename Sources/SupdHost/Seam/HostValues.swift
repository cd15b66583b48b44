public import SupdPlugin

/// Something that happened, as the loop saw it.
public enum HostEvent: Hashable, Sendable {
    /// An armed timer's deadline has come; the timer is disarmed.
    case timer(TimerToken)
    /// A main process has ended: `reap` collects it.
    case exited(ProcessHandle)
    /// The process that was given the terminal was stopped by this signal.
    case stopped(ProcessHandle, by: Signal)
    /// Adopted processes, so many, have ended and were reaped: trees that were not empty may be now. Zero where none
    /// ended, and it is time to look again all the same.
    case adoptedReaped(Int)
    /// An adopted process cannot be looked at, and hides whose it is: it keeps no tree from being proved gone any more. Told once.
    case unreadable(ProcessDetail)
    /// There is something to read, or the other end has closed; for a listener, a connection waits.
    case readable(Channel)
    /// There is room to write again.
    case writable(Channel)
    /// Both directions of a connection are closed (`Host.tellHangUp`). What was sent before may still be read.
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

/// How the process ends where its loop does not end it.
public struct EnforcedEnd: Hashable, Sendable {
    /// When.
    public var deadline: MonotonicInstant
    /// What it exits with.
    public var exitCode: Int32
    /// What is written to standard error, with its end of line; at most 8 KiB. Nothing where it is empty.
    public var line: [UInt8]
    /// What `last-shutdown.json` says then; at most 128 KiB. As it is where it is empty.
    public var report: [UInt8]

    /// An end of these.
    public init(deadline: MonotonicInstant, exitCode: Int32, line: [UInt8] = [], report: [UInt8] = []) {
        self.deadline = deadline
        self.exitCode = exitCode
        self.line = line
        self.report = report
    }
}

/// Names work that runs off the loop; never used again.
public struct WorkID: Hashable, Sendable {
    /// The number.
    public var rawValue: UInt64

    /// The work of this number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Names a timer. What the numbers mean is its owner's business.
public struct TimerToken: Hashable, Sendable {
    /// What kind of deadline it is.
    public var kind: UInt16
    /// Whose it is.
    public var subject: UInt64

    /// The timer `kind` of `subject`.
    public init(kind: UInt16, subject: UInt64 = 0) {
        self.kind = kind
        self.subject = subject
    }
}

/// A main process that the host started. Handles are never used again.
public struct ProcessHandle: Hashable, Sendable {
    /// The host's own number for it.
    public var rawValue: UInt64

    /// The handle of that number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// A descriptor that the host holds, with a generation so that an event of a closed one is never taken for
/// its successor's.
public struct Channel: Hashable, Sendable {
    /// The descriptor's number, or the simulated host's.
    public var descriptor: Int32
    /// Which use of that number it is.
    public var generation: UInt32

    /// The channel of these.
    public init(descriptor: Int32, generation: UInt32) {
        self.descriptor = descriptor
        self.generation = generation
    }
}

/// All processes that one attempt of a service has brought into being.
public struct ProcessTree: Hashable, Sendable {
    /// The main process: leader of the tree's first session and process group.
    public var leader: Int32
    /// The value of `SUPD_INVOCATION` in the environment of its processes; never used twice.
    public var invocation: String
    /// The name of its control group below the daemon's (`ControlGroupRequest.name`); nil where none was asked for.
    public var group: String?
    /// Other processes that the host started as part of it and that are not reaped: commands of the service.
    public var companions: [Int32]

    /// The tree of these.
    public init(leader: Int32, invocation: String, group: String? = nil, companions: [Int32] = []) {
        self.leader = leader
        self.invocation = invocation
        self.group = group
        self.companions = companions
    }
}

/// What to start and how.
public struct SpawnRequest: Hashable, Sendable {
    /// Where one of the child's output descriptors goes.
    public enum Output: Hashable, Sendable {
        /// The daemon's own descriptor of the same number.
        case inherited
        /// A pipe of its own, whose reading end the host keeps.
        case pipe
        /// The same pipe as standard output; only for standard error.
        case sameAsOutput
        /// /dev/null.
        case null
    }

    /// Files to try in their order, as execvp(3) does; absolute, or relative to the working directory.
    public var candidates: [String]
    /// What a failure calls the program where no candidate exists; nil for the first candidate.
    public var nameWhereAbsent: String?
    /// The program's arguments, the zeroth included.
    public var arguments: [String]
    /// `NAME=value`, the whole environment but for `opaqueEnvironment`.
    public var environment: [String]
    /// Variables that are no text in UTF-8, likewise.
    public var opaqueEnvironment: [[UInt8]]
    /// The folder it starts in.
    public var workingDirectory: String
    /// The user it runs as; nil for the daemon's own.
    public var uid: UInt32?
    /// The group it runs as; nil for the daemon's own.
    public var gid: UInt32?
    /// Its supplementary groups; nil for the daemon's own.
    public var groups: [UInt32]?
    /// Its file mode creation mask.
    public var umask: UInt16
    /// Its niceness; nil for the daemon's own.
    public var nice: Int?
    /// Its OOM score adjustment; nil for what the daemon was started with.
    public var oomScoreAdjust: Int?
    /// prctl(2), PR_SET_NO_NEW_PRIVS.
    public var noNewPrivileges: Bool
    /// Resource limits: the kernel's number, soft, hard.
    public var limits: [Limit]
    /// Where standard output goes.
    public var output: Output
    /// Where standard error goes.
    public var errorOutput: Output
    /// Whether standard input is the daemon's own; else it is /dev/null.
    public var inheritsInput: Bool
    /// Whether it stays in the daemon's session, as a process group of its own that is put into the foreground of the
    /// terminal where standard input is one; else it gets a session of its own, without a terminal.
    public var staysInSession: Bool
    /// Whether it has the descriptors from 3 on that the daemon was started with, and ignores and blocks the signals that the daemon
    /// ignored and blocked then; else none of either.
    public var keepsInherited: Bool
    /// The control group it is born into; nil for the daemon's own, and ignored where the daemon has none to give.
    public var group: ControlGroupRequest?
    /// Sockets that it gets as descriptors 3, 4, … with LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID (sd_listen_fds(3)).
    public var sockets: [PassedSocket]

    /// One resource limit (getrlimit(2)); `UInt64.max` is no limit.
    public struct Limit: Hashable, Sendable {
        /// What a failure calls it.
        public var name: String
        /// RLIMIT_…
        public var resource: Int32
        /// The soft limit.
        public var soft: UInt64
        /// The hard limit.
        public var hard: UInt64

        /// A limit of these.
        public init(name: String, resource: Int32, soft: UInt64, hard: UInt64) {
            self.name = name
            self.resource = resource
            self.soft = soft
            self.hard = hard
        }
    }

    /// A request to run `candidates` with everything else plain: in `/`, as the daemon's own user, umask 0022, no output kept.
    public init(candidates: [String], arguments: [String], environment: [String] = []) {
        self.candidates = candidates
        self.nameWhereAbsent = nil
        self.arguments = arguments
        self.environment = environment
        self.opaqueEnvironment = []
        self.workingDirectory = "/"
        self.uid = nil
        self.gid = nil
        self.groups = nil
        self.umask = 0o022
        self.nice = nil
        self.oomScoreAdjust = nil
        self.noNewPrivileges = false
        self.limits = []
        self.output = .null
        self.errorOutput = .null
        self.inheritsInput = false
        self.staysInSession = false
        self.keepsInherited = false
        self.group = nil
        self.sockets = []
    }
}

/// The control group of one instance, made where it is not there.
public struct ControlGroupRequest: Hashable, Sendable {
    /// Its name, that of the instance.
    public var name: String
    /// What is written into its files before anything is started in it, in this order.
    public var controls: [Control]
    /// Whether processes that are in it already are nobody's fault (kill mode `process`). Else they are killed, and the start
    /// fails (`.leftovers`).
    public var mayBePopulated: Bool

    /// One limit.
    public struct Control: Hashable, Sendable {
        /// What a failure calls it: `memory_max`.
        public var key: String
        /// Which controller must be there: `memory`.
        public var controller: String
        /// `memory.max`.
        public var file: String
        /// What is written.
        public var value: String

        /// A limit of these.
        public init(key: String, controller: String, file: String, value: String) {
            self.key = key
            self.controller = controller
            self.file = file
            self.value = value
        }
    }

    /// A group of these.
    public init(name: String, controls: [Control] = [], mayBePopulated: Bool = false) {
        self.name = name
        self.controls = controls
        self.mayBePopulated = mayBePopulated
    }
}

/// A bound socket that the host keeps.
public struct BoundSocket: Hashable, Sendable {
    /// The descriptor's number, or the simulated host's.
    public var descriptor: Int32

    /// The socket of that number.
    public init(descriptor: Int32) { self.descriptor = descriptor }
}

/// A socket as a child gets it.
public struct PassedSocket: Hashable, Sendable {
    /// Its name in LISTEN_FDNAMES.
    public var name: String
    /// Which.
    public var socket: BoundSocket

    /// The socket under this name.
    public init(name: String, socket: BoundSocket) {
        self.name = name
        self.socket = socket
    }
}

/// How the host tells which processes belong to a tree.
public enum ProcessTracking: Hashable, Sendable {
    /// Each tree has a control group below this folder: exact.
    case controlGroups(String)
    /// By session, process group, descent and environment, for this reason.
    case descent(String)
}

/// A process as `service.tree` shows it.
public struct ProcessDetail: Hashable, Sendable {
    /// Its number.
    public var pid: Int32
    /// Its parent's.
    public var parent: Int32
    /// Its arguments, joined by blanks and at most 4,096 bytes; its name in brackets where it shows none.
    public var command: String
    /// `R`, `S`, `D`, … (proc(5)).
    public var state: Character
    /// The time of processors that it has used itself.
    public var processorTime: Duration
    /// Resident bytes.
    public var residentBytes: Int
    /// How long ago it was started.
    public var age: Duration

    /// A process of these.
    public init(
        pid: Int32, parent: Int32, command: String, state: Character, processorTime: Duration, residentBytes: Int,
        age: Duration
    ) {
        self.pid = pid
        self.parent = parent
        self.command = command
        self.state = state
        self.processorTime = processorTime
        self.residentBytes = residentBytes
        self.age = age
    }
}

/// A process that has begun.
public struct SpawnedProcess: Hashable, Sendable {
    /// The host's handle.
    public var handle: ProcessHandle
    /// The process id, and the id of its session and process group.
    public var pid: Int32
    /// The reading end of its standard output.
    public var output: Channel?
    /// The reading end of its standard error, where that has a pipe of its own.
    public var errorOutput: Channel?

    /// A process of these.
    public init(handle: ProcessHandle, pid: Int32, output: Channel?, errorOutput: Channel?) {
        self.handle = handle
        self.pid = pid
        self.output = output
        self.errorOutput = errorOutput
    }
}

/// How a reaped process ended.
public enum ProcessStatus: Hashable, Sendable {
    /// `exit` with this code.
    case exited(code: Int32)
    /// Ended by a signal.
    case signaled(Signal, coreDumped: Bool)
    /// Ended by SIGKILL of the kernel's, as its control group had used up its memory (`oom_kill` of memory.events).
    case outOfMemory
}

/// What a read gave.
public enum ReadResult: Hashable, Sendable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now.
    case wouldBlock
    /// The other end has closed.
    case end
    /// It failed.
    case failed(ErrorNumber)
}

/// What a write took.
public enum WriteResult: Hashable, Sendable {
    /// So many bytes were taken, perhaps not all.
    case wrote(Int)
    /// No room now.
    case wouldBlock
    /// It failed.
    case failed(ErrorNumber)
}

/// What accept gave.
public enum AcceptResult: Hashable, Sendable {
    /// A connection and who is at its other end (unix(7), SO_PEERCRED).
    case connection(Channel, PeerCredentials)
    /// None waits.
    case none
    /// There was no descriptor left but the one kept for this: the connection is to be told so and closed at once.
    case connectionToRefuse(Channel, PeerCredentials, ErrorNumber)
    /// None could be taken, for this reason. What waits goes on waiting, and is told of again a little later.
    case failed(ErrorNumber)
}

/// Who is at the other end of a connection, as the kernel saw it when it connected.
public struct PeerCredentials: Hashable, Sendable {
    /// Process id.
    public var pid: Int32
    /// User id.
    public var uid: UInt32
    /// Primary group id.
    public var gid: UInt32

    /// Credentials of these.
    public init(pid: Int32, uid: UInt32, gid: UInt32) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }
}

/// One field of a journal entry (systemd.journal-fields(7)).
public struct JournalField: Hashable, Sendable {
    /// Upper-case letters, digits and underscores.
    public var name: String
    /// The value; may hold any bytes of UTF-8.
    public var value: String

    /// The field `name` of `value`.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
