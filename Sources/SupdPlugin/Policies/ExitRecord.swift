/// How one attempt at running a service's process ended.
public enum ExitOutcome: Hashable, Sendable, CustomStringConvertible {
    /// The process called `exit` with this code (0…255).
    case exited(code: Int32)
    /// A signal ended it.
    case signaled(Signal, coreDumped: Bool)
    /// The kernel killed it (SIGKILL), as its control group had used up its memory (`resources`).
    case outOfMemory
    /// It has ended, and nobody can say how: it was no child of supd's (`MAINPID=`), or another process has collected its status. It
    /// counts as a failure.
    case unknown
    /// The program never began: the stage of the spawn that failed, and its error.
    indirect case spawnFailed(SpawnFailure)

    /// `exit code 3`, `killed by SIGSEGV (core dumped)`, `could not start: …`.
    public var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal, let coreDumped):
            coreDumped ? "killed by \(signal) (core dumped)" : "killed by " + signal.description
        case .outOfMemory: "killed by SIGKILL (out of memory)"
        case .unknown: "exit status not known"
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
        /// Its control group: made, and entered.
        case controlGroup = "control_group"
        /// `resources`, written into its control group.
        case resources
        /// `sockets`, bound before its first start.
        case socket
        /// Processes of it that an earlier daemon has left and that do not end: it is not started beside them.
        case leftovers
        /// execve(2).
        case exec
    }

    /// The step that failed.
    public var stage: Stage
    /// The error of that step.
    public var error: ErrorNumber
    /// What the step was applied to: the program's path, the folder, …
    public var subject: String
    /// What supd itself found wrong, where no call failed or its error says too little: stands in the error's place; else empty.
    public var problem: String
    /// What can be done about it, where whoever saw it knows; else empty.
    public var hint: String

    /// A failure of `stage` on `subject`.
    public init(stage: Stage, error: ErrorNumber, subject: String, problem: String = "", hint: String = "") {
        self.stage = stage
        self.error = error
        self.subject = subject
        self.problem = problem
        self.hint = hint
    }

    /// `exec of /usr/bin/web: ENOENT (No such file or directory)`.
    public var description: String {
        stage.rawValue + (subject.isEmpty ? ": " : " of \(subject): ") + (problem.isEmpty ? "\(error)" : problem)
            + advice
    }

    private var advice: String {
        guard hint.isEmpty else { return "; \(hint)" }
        guard problem.isEmpty else { return "" }
        return switch (stage, error.name) {
        case (.groups, "EPERM"), (.group, "EPERM"):
            "; to have other groups, or those of another 'user', takes CAP_SETGID, which this supd has not: root has it, where it was not "
                + "taken away"
        case (.user, "EPERM"):
            "; to become another 'user' takes CAP_SETUID, which this supd has not: root has it, where it was not taken away"
        case (.groups, "EINVAL"), (.group, "EINVAL"), (.user, "EINVAL"):
            "; in the user namespace that this supd is in there is none of that number"
        case (.oomScoreAdjust, "EACCES"), (.oomScoreAdjust, "EPERM"):
            "; to lower it takes CAP_SYS_RESOURCE, which this supd has not"
        case (.limits, "EINVAL"): "; the soft limit is above the hard one, or this kernel has no such limit"
        case (.limits, "EPERM") where subject == "nofile":
            "; to raise a hard limit takes CAP_SYS_RESOURCE, and more than /proc/sys/fs/nr_open says nobody may have"
        case (.limits, "EPERM"): "; to raise a hard limit takes CAP_SYS_RESOURCE, which this supd has not"
        case (.nice, "EACCES"), (.nice, "EPERM"):
            "; to lower a nice value takes CAP_SYS_NICE, which this supd has not, or RLIMIT_NICE"
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
    /// It ran for longer than `runtime_max`.
    case runtimeMax = "runtime-max"
    /// It gave no sign of life within `watchdog`.
    case watchdog
    /// It asked to be ended as if it had given none (`WATCHDOG=trigger`).
    case watchdogTrigger = "watchdog-trigger"
    /// A command beside its program, which the record names, ran for longer than its own `timeout`.
    case commandTimeout = "command-timeout"
}

/// The commands that a service may have beside its program (systemd.service(5)).
public enum ServiceCommand: String, Hashable, Sendable, CaseIterable {
    /// Before the program; where one fails, the program is not begun.
    case startPre = "exec_start_pre"
    /// After it has begun, or is ready; where one fails, the service is stopped.
    case startPost = "exec_start_post"
    /// On `service.reload`.
    case reload = "exec_reload"
    /// Before the stop signal.
    case stop = "exec_stop"
    /// After every end, once no process is left.
    case stopPost = "exec_stop_post"
}

/// Everything a restart policy may know about the end of an attempt.
public struct ExitRecord: Hashable, Sendable {
    /// Which attempt of the instance it was; attempts count from 1 and never repeat in a daemon's life.
    public var attempt: UInt64
    /// The process, where one was made.
    public var pid: Int32?
    /// How it ended.
    public var outcome: ExitOutcome
    /// Which command's end this is; nil for the program's own. A command that failed is never a success.
    public var command: ServiceCommand?
    /// Why supd ended it without an order; nil where it ended by itself. An end that was forced is never a success.
    public var forced: ForcedEnd?
    /// Whether it ended by itself before its start counted, for it had not said that it is ready or its `min_uptime` was not over: a start that
    /// failed, and never a success.
    public var isEarly: Bool
    /// How long it ran, from the spawn to the exit.
    public var ranFor: Duration

    /// A record of all of these.
    public init(
        attempt: UInt64, pid: Int32?, outcome: ExitOutcome, command: ServiceCommand? = nil, forced: ForcedEnd? = nil,
        isEarly: Bool = false, ranFor: Duration
    ) {
        self.attempt = attempt
        self.pid = pid
        self.outcome = outcome
        self.command = command
        self.forced = forced
        self.isEarly = isEarly
        self.ranFor = ranFor
    }
}
