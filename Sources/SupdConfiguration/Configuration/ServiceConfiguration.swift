public import SupdPlugin

/// `[service.NAME]` with the defaults applied.
public struct ServiceConfiguration: Sendable {
    /// The table's name.
    public var name: ServiceName
    /// A line for people.
    public var description: String = ""
    /// The command, split into words; `%` specifiers and variables are not yet replaced (see `expandedCommand`).
    public var execStart: [String]
    /// When it counts as started.
    public var type: ServiceType = .exec
    /// Whether it is started with the daemon.
    public var enabled = true
    /// Whether its end ends the daemon, with its exit code.
    public var essential = false
    /// How many run; more than one are named `NAME@1` … `NAME@N`.
    public var instances = 1
    /// Words to select it by, as `tag:WORD`.
    public var tags: [String] = []

    /// Must be up before this, and go down after it; started with it; this goes down when it is stopped.
    public var requires: [ServiceName] = []
    /// Started with this and before it; this goes on without it where it fails.
    public var wants: [ServiceName] = []
    /// Started before this where both are started.
    public var after: [ServiceName] = []
    /// Started after this where both are started.
    public var before: [ServiceName] = []
    /// As `requires`, and this is stopped also where one of them ends by itself (systemd.unit(5), BindsTo=).
    public var bindsTo: [ServiceName] = []
    /// Where one of them is stopped or restarted, so is this; no order and no start follows (PartOf=).
    public var partOf: [ServiceName] = []

    /// Who it runs as, looked up when the configuration was read; nil for the daemon's own identity.
    public var identity: Identity?
    /// File mode creation mask, nil for 0022.
    public var umask: UInt16?
    /// The folder it starts in, nil for `/`.
    public var workingDirectory: String?
    /// -20…19, nil for the daemon's own.
    public var nice: Int?
    /// -1000…1000, nil for the daemon's own.
    public var oomScoreAdjust: Int?
    /// prctl(2), PR_SET_NO_NEW_PRIVS.
    public var noNewPrivileges = false
    /// Its resource limits.
    package var limits: [ResourceLimit] = []
    /// What its control group is limited to, one item a key that is set.
    package var resources: [ResourceControl] = []
    /// Sockets that the daemon binds for it.
    public var sockets: [ListenSocket] = []

    /// `environment`, in the order of their names.
    public var environment: [EnvironmentVariable] = []
    /// Files read at each start, in their order.
    public var environmentFiles: [EnvironmentFile] = []
    /// Names passed on from the daemon's own environment.
    public var passEnvironment: [String] = []

    /// Whether it is run again when it ends.
    public var restart: any RestartPolicy
    /// The policy's name, for `status`.
    public var restartName: String
    /// `success_exit_status` and its kin.
    public var exitStatusRules = ExitStatusRules()
    /// How long it waits before it is run again.
    public var backoff: any Backoff
    /// The backoff's name, for `status`.
    public var backoffName: String
    /// How many starts in how long make it FATAL.
    public var startLimit = StartLimit.standard

    /// The steps of a stop, from `stop_steps` or from `kill_signal` and `timeout_stop`; never empty.
    public var stopSteps: [StopStep] = [StopStep(signal: .term, wait: .seconds(10))]
    /// Which processes a stop reaches.
    public var killMode: KillMode = .controlGroup
    /// How long it may be STARTING; nil for no limit.
    public var timeoutStart: Duration? = .seconds(90)
    /// How long its program has to stay up before a start counts.
    public var minUptime: Duration = .zero
    /// How long it may be RUNNING; nil for no limit.
    public var runtimeMax: Duration?
    /// Its commands beside `exec_start`, by when they are run; each list in its order, and none of them empty.
    public var commands: [ServiceCommand: [CommandConfiguration]] = [:]

    /// Whether it has the daemon's standard input and, in the foreground, its terminal: only of `supd run`.
    public var inheritsTerminal = false
    /// Where its output goes.
    public var log = LogConfiguration()
    /// What asks it whether it works; nil where nothing does.
    public var probes: ServiceProbes?
    /// What is run before it is stopped and after.
    public var hooks: [PlannedHook] = []

    /// A service of this name and command, everything else at its standard value.
    public init(
        name: ServiceName, execStart: [String], restart: any RestartPolicy, restartName: String,
        backoff: any Backoff, backoffName: String
    ) {
        self.name = name
        self.execStart = execStart
        self.restart = restart
        self.restartName = restartName
        self.backoff = backoff
        self.backoffName = backoffName
    }
}
