package import SupdPlugin

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
        /// A stream of the journal's own under `identifier`, of which the host keeps nothing; a pipe where there is none to be had now.
        /// With `hasLevels` a line may begin with its level.
        case journal(identifier: String, hasLevels: Bool)
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
    /// The folder it starts in; empty for that which the daemon is in.
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
    /// Its resource limits.
    package var limits: [ResourceLimit]
    /// Where standard output goes.
    public var output: Output
    /// Where standard error goes.
    public var errorOutput: Output
    /// Whether standard input is the daemon's own; else it is /dev/null.
    public var inheritsInput: Bool
    /// Whether it stays in the daemon's session, as a process group of its own that is put into the foreground of the
    /// terminal where standard input is one; in the daemon's own where others share its job at the terminal, a pipeline or a script.
    /// Else it gets a session of its own, without a terminal.
    public var staysInSession: Bool
    /// Whether it has the descriptors from 3 on that the daemon was started with, and ignores and blocks the signals that the daemon
    /// ignored and blocked then; else none of either.
    public var keepsInherited: Bool
    /// The control group it is born into; nil for the daemon's own, and ignored where the daemon has none to give.
    package var group: ControlGroupRequest?
    /// Sockets that it gets as descriptors 3, 4, … with LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID (sd_listen_fds(3)).
    package var sockets: [PassedSocket]
    /// A descriptor that it gets beside them, above the last of them; the numbers between are /dev/null.
    package var readyDescriptor: PassedDescriptor?
    /// Whether it is told by WATCHDOG_PID that signs of life are awaited of it (sd_watchdog_enabled(3)).
    package var isWatched: Bool

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
        self.readyDescriptor = nil
        self.isWatched = false
    }

    /// The value of a variable that it gets; nil where it gets none of that name.
    package func variable(_ name: String) -> String? {
        let key = name + "="
        return environment.first { $0.utf8.starts(with: key.utf8) }
            .map { String(Substring($0.utf8.dropFirst(key.utf8.count))) }
    }
}
