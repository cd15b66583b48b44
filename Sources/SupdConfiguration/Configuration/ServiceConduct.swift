package import SupdPlugin

/// How a service is run: all of `[service.NAME]`, with the defaults applied, that many services say alike.
package struct ServiceConduct: Sendable {
    /// When it counts as started.
    package var type: ServiceType = .exec
    /// Whether it is started with the daemon.
    package var enabled = true
    /// Whether its end ends the daemon, with its exit code.
    package var essential = false
    /// Who may do what with it, where that is not what `[supervisor.access]` says.
    package var access: AccessRules?

    /// Who it runs as, looked up when the configuration was read; nil for the daemon's own identity.
    package var identity: Identity?
    /// File mode creation mask, nil for 0022.
    package var umask: UInt16?
    /// -20…19, nil for the daemon's own.
    package var nice: Int?
    /// -1000…1000, nil for the daemon's own.
    package var oomScoreAdjust: Int?
    /// prctl(2), PR_SET_NO_NEW_PRIVS.
    package var noNewPrivileges = false
    /// Its resource limits.
    package var limits: [ResourceLimit] = []
    /// What its control group is limited to, one item a key that is set.
    package var resources: [ResourceControl] = []

    /// Files read at each start, in their order.
    package var environmentFiles: [EnvironmentFile] = []
    /// Names passed on from the daemon's own environment.
    package var passEnvironment: [String] = []

    /// Whether it is run again when it ends.
    package var restart: any RestartPolicy
    /// The policy's name, for `status`.
    package var restartName: String
    /// `success_exit_status` and its kin.
    package var exitStatusRules = ExitStatusRules()
    /// How long it waits before it is run again.
    package var backoff: any Backoff
    /// The backoff's name, for `status`.
    package var backoffName: String
    /// How many starts in how long make it FATAL.
    package var startLimit = StartLimit.standard

    /// The steps of a stop, from `stop_steps` or from `kill_signal` and `timeout_stop`; never empty.
    package var stopSteps: [StopStep] = [StopStep(signal: .term, wait: .seconds(10))]
    /// Which processes a stop reaches.
    package var killMode: KillMode = .controlGroup
    /// How long it may be STARTING; nil for no limit.
    package var timeoutStart: Duration? = Self.ordinaryTimeoutStart
    /// How long its program has to stay up before a start counts.
    package var minUptime: Duration = .zero
    /// How long it may be RUNNING; nil for no limit.
    package var runtimeMax: Duration?
    /// By how much it may itself have a time limit extended.
    package var timeoutExtendMax: Duration = .seconds(3600)
    /// Whose words its notification socket takes.
    package var notifyAccess: NotifyAccess = .none
    /// How soon it has to give the next sign of life while it is up; nil where none is awaited.
    package var watchdog: Duration?
    /// What it is sent where none came.
    package var watchdogSignal: Signal = .abrt
    /// How many descriptors it may have kept for its next start.
    package var fileDescriptorStoreMax = 0
    /// What has it read its configuration anew, where no command does; nil where there is no such signal.
    package var reloadSignal: Signal?
    /// Its commands beside `exec_start`, by when they are run; each list in its order, and none of them empty.
    package var commands = [ServiceCommand: [CommandConfiguration]]()

    /// Whether it has the daemon's standard input and, in the foreground, its terminal: only of `supd run`.
    package var inheritsTerminal = false
    /// Where its output goes.
    package var log = LogConfiguration()
    /// What asks it whether it works; nil where nothing does.
    package var probes: ServiceProbes?
    /// What is run before it is stopped and after.
    package var hooks: [PlannedHook] = []

    /// Everything but the policies at its standard value.
    init(restart: any RestartPolicy, restartName: String, backoff: any Backoff, backoffName: String) {
        self.restart = restart
        self.restartName = restartName
        self.backoff = backoff
        self.backoffName = backoffName
    }

    /// Whether services that say the same may have the same one: what plugins have made for one service is for that one, but for policies, which
    /// remember nothing.
    var isShareable: Bool { probes == nil && hooks.isEmpty && log.planned == nil }
}

extension ServiceConduct {
    /// `timeout_start` of what says nothing, but for a oneshot; also what a command of its start, and a reload, may take where it has no limit.
    package static let ordinaryTimeoutStart: Duration = .seconds(90)

    /// How long a stop of it may go on, with its hooks and its commands; nil where one of its commands has no limit.
    package var longestStop: Duration? {
        var sum = stopSteps.reduce(Duration.zero) { $0 + $1.wait }
        for hook in hooks { sum += hook.budget }
        // Of most there are none at all.
        guard !commands.isEmpty else { return sum }
        for kind in [ServiceCommand.stop, .stopPost] {
            for command in commands[kind] ?? [] {
                guard let timeout = command.timeout else { return nil }
                sum += timeout
            }
        }
        return sum
    }
}
