/// How one attempt at running a service's process ended.
public enum ExitOutcome: Hashable, Sendable, CustomStringConvertible {
    /// The process called `exit` with this code (0…255).
    case exited(code: Int32)
    /// A signal ended it.
    case signaled(Signal, coreDumped: Bool)
    /// The program never began: the stage of the spawn that failed, and its error.
    case spawnFailed(SpawnFailure)

    /// `exit code 3`, `killed by SIGSEGV (core dumped)`, `could not start: …`.
    public var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal, let coreDumped): "killed by \(signal)\(coreDumped ? " (core dumped)" : "")"
        case .spawnFailed(let failure): "could not start: \(failure)"
        }
    }
}

/// A start that failed before the program's first instruction. Never mistaken for a program that exits 127.
public struct SpawnFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the spawn it failed, by the name of what was tried.
    public enum Stage: String, Sendable, CaseIterable {
        /// pipe(2), for its output.
        case pipe
        /// clone3(2).
        case clone
        /// setsid(2).
        case session
        /// Signal masks and handlers.
        case signals
        /// setrlimit(2).
        case limits
        /// setpriority(2).
        case nice
        /// `/proc/self/oom_score_adj`.
        case oomScoreAdjust = "oom_score_adjust"
        /// setgroups(2).
        case groups
        /// setresgid(2).
        case group
        /// setresuid(2), and the proof that root cannot be regained.
        case user
        /// prctl(2), PR_SET_NO_NEW_PRIVS.
        case noNewPrivileges = "no_new_privileges"
        /// umask(2).
        case umask
        /// chdir(2), as the service's user.
        case workingDirectory = "working_directory"
        /// dup3(2), and closing what is not the child's.
        case descriptors
        /// Files of `environment_files`, and what could not be expanded.
        case environment
        /// execve(2).
        case exec
    }

    /// The step that failed.
    public var stage: Stage
    /// The error of that step.
    public var error: ErrorNumber
    /// What the step was applied to: the program's path, the folder, …
    public var subject: String

    /// A failure of `stage` on `subject`.
    public init(stage: Stage, error: ErrorNumber, subject: String) {
        self.stage = stage
        self.error = error
        self.subject = subject
    }

    /// `exec of /usr/bin/web: ENOENT (No such file or directory)`.
    public var description: String {
        (subject.isEmpty ? "\(stage.rawValue): \(error)" : "\(stage.rawValue) of \(subject): \(error)") + advice
    }

    private var advice: String {
        switch (stage, error.name) {
        case (.groups, "EPERM"), (.group, "EPERM"), (.user, "EPERM"):
            "; only a supd that runs as root can run a service as another 'user' or with other groups"
        default: ""
        }
    }
}

/// Why supd itself ended a process that nobody had ordered down.
public enum ForcedEnd: String, Hashable, Sendable, CaseIterable {
    /// It overran `timeout_start`.
    case startTimeout = "start-timeout"
    /// Its health probe found it unhealthy.
    case unhealthy
}

/// Everything a restart policy may know about the end of an attempt.
public struct ExitRecord: Hashable, Sendable {
    /// Which attempt of the instance it was; attempts count from 1 and never repeat in a daemon's life.
    public var attempt: UInt64
    /// The process, where one was made.
    public var pid: Int32?
    /// How it ended.
    public var outcome: ExitOutcome
    /// Why supd ended it without an order; nil where it ended by itself. An end that was forced is never a success.
    public var forced: ForcedEnd?
    /// How long it ran, from the spawn to the exit.
    public var ranFor: Duration

    /// A record of all of these.
    public init(attempt: UInt64, pid: Int32?, outcome: ExitOutcome, forced: ForcedEnd? = nil, ranFor: Duration) {
        self.attempt = attempt
        self.pid = pid
        self.outcome = outcome
        self.forced = forced
        self.ranFor = ranFor
    }
}
