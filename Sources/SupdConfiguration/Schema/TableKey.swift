import SupdPlugin

/// The keys that a table takes, one enumeration a kind of table.
protocol TableKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// What a key of another tool is called here; nil where it is none that is known.
    static func counterpart(of foreign: String) -> String?
}

extension TableKey {
    static func counterpart(of foreign: String) -> String? { nil }
}

/// The top level of a file.
enum RootKey: String, TableKey {
    case include, supervisor, defaults, service, plugins
}

/// `[supervisor]`.
enum SupervisorKey: String, TableKey {
    case socket, connections, drain, hooks, access
    case controlGroups = "control_groups"
    case exitWhen = "exit_when"
    case startParallelism = "start_parallelism"
}

/// `[supervisor.access]` and `[service.NAME.access]`.
enum AccessKey: String, TableKey {
    case observe, operate, admin

    var access: AccessClass {
        switch self {
        case .observe: .observe
        case .operate: .operate
        case .admin: .admin
        }
    }
}

/// `[supervisor.drain]`.
enum DrainKey: String, TableKey {
    case timeout, quiesce, jobs, services, flush
}

/// `[service.NAME]` and `[defaults]`.
enum ServiceKey: String, TableKey {
    case description, type, enabled, essential, instances, tags, access
    case execStart = "exec_start"
    case execStartPre = "exec_start_pre"
    case execStartPost = "exec_start_post"
    case execReload = "exec_reload"
    case execStop = "exec_stop"
    case execStopPost = "exec_stop_post"
    case requires, wants, after, before
    case bindsTo = "binds_to"
    case partOf = "part_of"
    case user, group, umask, nice, limits, resources, sockets
    case supplementaryGroups = "supplementary_groups"
    case workingDirectory = "working_directory"
    case oomScoreAdjust = "oom_score_adjust"
    case noNewPrivileges = "no_new_privileges"
    case environment
    case environmentFiles = "environment_files"
    case passEnvironment = "pass_environment"
    case restart, backoff
    case successExitStatus = "success_exit_status"
    case restartPreventExitStatus = "restart_prevent_exit_status"
    case restartForceExitStatus = "restart_force_exit_status"
    case startLimitBurst = "start_limit_burst"
    case startLimitInterval = "start_limit_interval"
    case killSignal = "kill_signal"
    case timeoutStop = "timeout_stop"
    case killMode = "kill_mode"
    case stopSteps = "stop_steps"
    case timeoutStart = "timeout_start"
    case minUptime = "min_uptime"
    case runtimeMax = "runtime_max"
    case timeoutExtendMax = "timeout_extend_max"
    case notifyAccess = "notify_access"
    case watchdog
    case watchdogSignal = "watchdog_signal"
    case reloadSignal = "reload_signal"
    case fdStoreMax = "fd_store_max"
    case log, hooks, ready, health

    /// What names other services.
    static let ofRelations: [ServiceKey] = [.requires, .wants, .after, .before, .bindsTo, .partOf]

    /// What only makes sense of one service.
    static let notInDefaults: [ServiceKey] = ofRelations + [.description, .execStart, .sockets, .access]

    /// What hardly two services say alike. All else makes their `ServiceConduct`.
    static let ofOneService: [ServiceKey] = [
        .description, .execStart, .instances, .tags, .requires, .wants, .after, .before, .bindsTo, .partOf,
        .workingDirectory, .sockets, .environment,
    ]

    /// What is only for a service that goes on running: what `[defaults]` say of it is not for a oneshot.
    static let notOfOneshot: [ServiceKey] = [
        .execReload, .execStop, .runtimeMax, .minUptime, .watchdog, .watchdogSignal, .ready, .health,
    ]

    /// Tables of which a service may set single keys and take the others from `[defaults]`.
    static let mergedKeyByKey: [ServiceKey] = [.log, .environment, .limits, .resources]
}

/// `log = { … }`.
enum LogKey: String, TableKey {
    case sink, stderr, overflow, memory, file, owner, mode
    case levelPrefix = "level_prefix"
    case maxLine = "max_line"
    case rotateSize = "rotate_size"
    case rotateKeep = "rotate_keep"

    /// What only the sink "file" looks at.
    static let ofFile: [LogKey] = [.file, .rotateSize, .rotateKeep, .owner, .mode]
}

/// One item of `stop_steps`.
enum StopStepKey: String, TableKey {
    case signal, wait
}

/// One item of `exec_start_pre` and its kin, where it is a table.
enum CommandKey: String, TableKey {
    case command, timeout
    case ignoreFailure = "ignore_failure"
}

/// One item of `sockets`.
enum SocketKey: String, TableKey {
    case name, listen, type, mode, backlog
    case reusePort = "reuse_port"
}

/// One item of `hooks`, beside the options of the hook that it runs.
enum HookKey: String, TableKey {
    case run, at, name, order, budget
}

/// `ready` and `health`, beside the options of the probe.
enum ProbeKey: String, CaseIterable {
    case type, period, timeout
    case initialDelay = "initial_delay"
    case failureThreshold = "failure_threshold"
    case onFailure = "on_failure"

    /// What `ready` takes of them: it is asked until it says yes, however often it says no.
    static let ofReadiness = [ProbeKey.type, .period, .timeout, .initialDelay]
}

extension ResourceName: TableKey {}
extension ResourceKey: TableKey {}
