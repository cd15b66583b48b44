public import SupdPlugin

/// A checked configuration: what `supd` runs. Only the loader makes one, and only from a file without a fault.
public struct Configuration: Sendable {
    /// `[supervisor]`.
    public var supervisor: SupervisorConfiguration
    /// `[service.NAME]`, in the order of the files.
    public var services: [ServiceConfiguration]
    /// `[plugins.NAME]` of every plugin of the daemon, the standard values where the files say nothing.
    public var plugins: [String: PluginOptions]
    /// What the files say in `[plugins.NAME]`, of each plugin that has a table.
    package var pluginTexts: [String: SettingsText] = [:]
    /// What the files say that will hardly be what was meant, at most a thousand and one: told once, at a check and at the start.
    public var warnings: [ConfigurationFault] = []

    /// A configuration of these.
    public init(
        supervisor: SupervisorConfiguration = .init(), services: [ServiceConfiguration] = [],
        plugins: [String: PluginOptions] = [:]
    ) {
        self.supervisor = supervisor
        self.services = services
        self.plugins = plugins
    }
}

/// `[supervisor]` and its subtables.
public struct SupervisorConfiguration: Sendable {
    /// When the daemon stops by itself.
    public enum ExitWhen: String, Hashable, Sendable, CaseIterable {
        /// Only on an order.
        case never
        /// When no instance is running, starting or waiting for a restart any more.
        case allExited = "all-exited"
        /// The same, and as soon as an instance has failed for good.
        case anyFailed = "any-failed"
    }

    /// The control socket's path, or `noSocket`; nil for the standard place.
    public var socket: String?
    /// What `socket` says where there is to be none.
    public static let noSocket = "none"
    /// Whether services get control groups of their own.
    public enum ControlGroups: String, Hashable, Sendable, CaseIterable {
        /// Where the daemon has a hierarchy of version 2 to itself.
        case auto
        /// Never.
        case off
    }
    /// Whether services get control groups of their own.
    public var controlGroups: ControlGroups = .auto
    /// When the daemon stops by itself.
    public var exitWhen: ExitWhen = .never
    /// How many instances may be between fork and ready at once; at least 1.
    public var startParallelism: Int = 64
    /// The budgets of the drain.
    public var drain = DrainConfiguration()
    /// Hooks of the daemon.
    public var hooks: [PlannedHook] = []
    /// What the table says, to be compared; empty where it was made in code.
    package var text = SettingsText()

    /// The standard values.
    public init() {}
}

/// `[supervisor.drain]`: one absolute deadline and a budget for each phase, whose sum is within it.
public struct DrainConfiguration: Hashable, Sendable {
    /// The whole drain, from the order to the exit.
    public var timeout: Duration = .seconds(60)
    /// Hooks before; pending restarts are dropped.
    public var quiesce: Duration = .seconds(5)
    /// Jobs that end by themselves.
    public var jobs: Duration = .seconds(10)
    /// Services, in reverse dependency order.
    public var services: Duration = .seconds(40)
    /// Logs, and hooks after.
    public var flush: Duration = .seconds(5)

    /// The standard values.
    public init() {}
}

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
    /// Resource limits by name, each soft and hard.
    public var limits: [ResourceLimit] = []
    /// What its control group is limited to, one item a key that is set.
    public var resources: [ResourceControl] = []
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
    /// What the service is told, by its table and `[defaults]`, to be compared; empty where it was made in code.
    package var text = SettingsText()

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

/// One command of `exec_start_pre` and its kin.
public struct CommandConfiguration: Hashable, Sendable {
    /// The command, split into words; `%` specifiers and variables are not yet replaced.
    public var words: [String]
    /// How long it may run before it is killed, which is a failure; nil for no limit.
    public var timeout: Duration?
    /// Whether its failure counts as success; written with a `-` before the program (systemd.service(5)).
    public var ignoresFailure: Bool

    /// A command of these.
    public init(words: [String], timeout: Duration?, ignoresFailure: Bool = false) {
        self.words = words
        self.timeout = timeout
        self.ignoresFailure = ignoresFailure
    }
}

/// One limit of a control group (the kernel's cgroup-v2 manual).
public struct ResourceControl: Hashable, Sendable {
    /// The keys of `resources`.
    public enum Key: String, Hashable, Sendable, CaseIterable {
        /// Bytes; over them the kernel kills.
        case memoryMax = "memory_max"
        /// Bytes; over them the kernel takes memory back and slows the service down.
        case memoryHigh = "memory_high"
        /// 1…10000, 100 where nothing is set.
        case cpuWeight = "cpu_weight"
        /// Part of a processor's time: `"150%"`.
        case cpuMax = "cpu_max"
        /// Processes and threads.
        case pidsMax = "pids_max"
        /// 1…10000, 100 where nothing is set.
        case ioWeight = "io_weight"

        /// The kernel's controller that has it.
        public var controller: String { String(rawValue.prefix { $0 != "_" }) }
        /// The file of the control group that it is written into.
        public var file: String { rawValue.replacing("_", with: ".") }
    }

    /// Which.
    public var key: Key
    /// What is written into its file: a number, `max`, or for `cpu_max` a quota and a period in microseconds.
    public var value: String

    /// A limit of these.
    public init(key: Key, value: String) {
        self.key = key
        self.value = value
    }
}

/// Who a service runs as (credentials(7)).
public struct Identity: Hashable, Sendable {
    /// The user's id.
    public var uid: UInt32
    /// The primary group's id.
    public var gid: UInt32
    /// Supplementary groups: the user's own and `supplementary_groups`.
    public var groups: [UInt32]
    /// The user's name, for `USER` and `LOGNAME`; nil where only an id was given and it has no entry.
    public var userName: String?
    /// The home folder, for `HOME`.
    public var home: String?
    /// The login shell, for `SHELL`.
    public var shell: String?

    /// An identity of these.
    public init(uid: UInt32, gid: UInt32, groups: [UInt32], userName: String?, home: String?, shell: String?) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.userName = userName
        self.home = home
        self.shell = shell
    }
}

/// One resource limit (getrlimit(2)).
public struct ResourceLimit: Hashable, Sendable {
    /// RLIMIT_NOFILE and so on, the kernel's number.
    public var resource: Int32
    /// The soft limit; `UInt64.max` for none.
    public var soft: UInt64
    /// The hard limit; `UInt64.max` for none.
    public var hard: UInt64

    /// A limit of these.
    public init(resource: Int32, soft: UInt64, hard: UInt64) {
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }

    /// The key that `limits` has for it: `nofile`.
    public var name: String {
        ResourceName.allCases.first { $0.number == resource }?.rawValue ?? "resource \(resource)"
    }
}

/// One variable of a service's environment.
public struct EnvironmentVariable: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// The variable `name` of `value`.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A file of `NAME=value` lines (systemd.exec(5), EnvironmentFile=).
public struct EnvironmentFile: Hashable, Sendable {
    /// Where it is.
    public var path: String
    /// Whether a start goes on without it; written with a leading `-`.
    public var optional: Bool

    /// The file at `path`.
    public init(path: String, optional: Bool) {
        self.path = path
        self.optional = optional
    }
}

/// A plugin's log sink, as one service has it.
public final class PlannedLogSink: Hashable, Sendable {
    /// Its name in the configuration.
    public let name: String
    /// The plugin it came from.
    public let plugin: String
    /// What takes the lines.
    public let sink: any LogSink

    /// A sink of these.
    public init(name: String, plugin: String, sink: any LogSink) {
        self.name = name
        self.plugin = plugin
        self.sink = sink
    }

    /// Whether the two are the same one.
    public static func == (lhs: PlannedLogSink, rhs: PlannedLogSink) -> Bool { lhs === rhs }

    /// Feeds which one it is.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// `log = { … }`: where a service's lines go.
public struct LogConfiguration: Hashable, Sendable {
    /// The kinds of place.
    public enum Sink: String, Hashable, Sendable, CaseIterable {
        /// The journal where systemd started the daemon with one, else standard error.
        case auto
        /// The systemd journal, with fields.
        case journal
        /// The daemon's standard error, each line with name and time.
        case stderr
        /// A file of its own, rotated by size.
        case file
        /// The daemon's own standard output and error, as they are: no line is read, marked or kept.
        case inherit
        /// Nowhere; the service writes to /dev/null.
        case none
    }

    /// What becomes of standard error.
    public enum StandardError: String, Hashable, Sendable, CaseIterable {
        /// One pipe with standard output, so that the order of lines is kept.
        case same
        /// A pipe of its own; its lines are marked `err`.
        case separate
        /// /dev/null.
        case none
    }

    /// What becomes of lines that the sink has no room for.
    public enum Overflow: String, Hashable, Sendable, CaseIterable {
        /// The service waits in write(2) until there is room, as with a plain pipe.
        case wait
        /// They are dropped and counted; the service never waits.
        case drop
    }

    /// Where lines go, unless a plugin takes them.
    public var sink: Sink = .auto
    /// The plugin's sink that takes them; nil for none.
    public var planned: PlannedLogSink?
    /// What becomes of standard error.
    public var standardError: StandardError = .same
    /// What becomes of lines that the sink has no room for. One that is gone drops them whatever this says.
    public var overflow: Overflow = .wait
    /// How many bytes of the last lines are kept in memory, for `supctl logs`; 0 for none.
    public var memory: Int = 16 * 1024
    /// Longer lines are split, in bytes.
    public var maxLine: Int = 48 * 1024
    /// The file of the sink `file`.
    public var file: String?
    /// The file is rotated when it would grow over this many bytes; 0 for never.
    public var rotateSize: Int = 10 * 1024 * 1024
    /// How many rotated files are kept beside the current one.
    public var rotateKeep: Int = 5
    /// Whose a file is that is made; nil for the daemon's.
    public var owner: Owner?
    /// The mode of a file that is made.
    public var mode: UInt16 = 0o640

    /// A user and a group that a file belongs to.
    public struct Owner: Hashable, Sendable {
        /// The user's id.
        public var uid: UInt32
        /// The group's id.
        public var gid: UInt32

        /// The owner of these ids.
        public init(uid: UInt32, gid: UInt32) {
            self.uid = uid
            self.gid = gid
        }
    }

    /// The standard values.
    public init() {}
}
