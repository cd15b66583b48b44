package import SupdPlugin

/// What the service machine needs to know of a service; shared by its instances.
package final class ServiceSettings: Sendable {
    /// When it counts as started.
    package let type: ServiceType
    /// Whether it is started with the daemon.
    package let enabled: Bool
    /// Whether its end ends the daemon.
    package let essential: Bool
    /// Whether it is run again when it ended by itself.
    package let restart: any RestartPolicy
    /// What counts as success, and what overrules the policy.
    package let exitStatusRules: ExitStatusRules
    /// How long it waits before it is run again.
    package let backoff: any Backoff
    /// How many starts in how long make it FATAL.
    package let startLimit: StartLimit
    /// The steps of a stop before SIGKILL.
    package let stopSteps: [StopStep]
    /// Which processes a stop reaches.
    package let killMode: KillMode
    /// How long it may be STARTING; nil for no limit.
    package let timeoutStart: Duration?
    /// Whether it is up only once its readiness probe says so.
    package let awaitsReadiness: Bool
    /// How long its program has to stay up before a start counts.
    package let minUptime: Duration
    /// How long it may be RUNNING; nil for no limit.
    package let runtimeMax: Duration?
    /// How soon it has to give the next sign of life while it is up; nil where none is awaited.
    package let watchdog: Duration?
    /// What it is sent where none came.
    package let watchdogSignal: Signal
    /// By how much it may itself have the time limit of a start, of a run or of a step of a stop extended.
    package let extendMax: Duration
    /// What is done around its main process.
    package let errands: Errands

    /// Settings of these.
    package init(
        type: ServiceType = .exec, enabled: Bool = true, essential: Bool = false, restart: any RestartPolicy,
        exitStatusRules: ExitStatusRules = .init(), backoff: any Backoff,
        startLimit: StartLimit = .standard,
        stopSteps: [StopStep] = [StopStep(signal: .term, wait: .seconds(10))],
        killMode: KillMode = .controlGroup, timeoutStart: Duration? = .seconds(90),
        awaitsReadiness: Bool = false, minUptime: Duration = .zero, runtimeMax: Duration? = nil,
        watchdog: Duration? = nil, watchdogSignal: Signal = .abrt, extendMax: Duration = .seconds(3600),
        errands: Errands = Errands()
    ) {
        self.type = type
        self.enabled = enabled
        self.essential = essential
        self.restart = restart
        var rules = exitStatusRules
        if type == .oneshot { rules.signalsAreClean = false }
        self.exitStatusRules = rules
        self.backoff = backoff
        self.startLimit = startLimit
        self.stopSteps = stopSteps
        self.killMode = killMode
        self.timeoutStart = timeoutStart
        self.awaitsReadiness = awaitsReadiness
        self.minUptime = minUptime
        self.runtimeMax = runtimeMax
        self.watchdog = watchdog
        self.watchdogSignal = watchdogSignal
        self.extendMax = extendMax
        self.errands = errands
    }
}
