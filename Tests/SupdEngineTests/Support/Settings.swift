import SupdEngine
import SupdPlugin

/// A restart policy that always answers the same.
struct FixedPolicy: RestartPolicy {
    var decision: RestartDecision

    func decide(_ context: RestartContext) -> RestartDecision { decision }
}

/// Restarts what did not end with success.
struct OnFailure: RestartPolicy {
    func decide(_ context: RestartContext) -> RestartDecision {
        context.isFailure ? .restart : .stay
    }
}

/// A backoff that always answers the same.
struct FixedBackoff: Backoff {
    var delay: Duration
    var resetAfter: Duration?

    func delay(for context: BackoffContext) -> Duration { delay }
}

extension RestartPolicy where Self == FixedPolicy {
    static var always: FixedPolicy { FixedPolicy(decision: .restart) }
    static var no: FixedPolicy { FixedPolicy(decision: .stay) }
}

extension RestartPolicy where Self == OnFailure {
    static var onFailure: OnFailure { OnFailure() }
}

extension ServiceSettings {
    /// Settings as most tests want them: two stop steps, a backoff of five seconds, no start limit.
    static func plain(
        type: ServiceType = .exec, enabled: Bool = true, essential: Bool = false,
        restart: any RestartPolicy = .onFailure, backoff: any Backoff = FixedBackoff(delay: .seconds(5)),
        startLimit: StartLimit = StartLimit(burst: 0, interval: .zero), stopSteps: [StopStep] = twoSteps,
        killMode: KillMode = .controlGroup, timeoutStart: Duration? = .seconds(90),
        awaitsReadiness: Bool = false, minUptime: Duration = .zero, runtimeMax: Duration? = nil,
        watchdog: Duration? = nil, extendMax: Duration = .seconds(3600), errands: Errands = Errands()
    ) -> ServiceSettings {
        ServiceSettings(
            type: type, enabled: enabled, essential: essential, restart: restart, backoff: backoff,
            startLimit: startLimit, stopSteps: stopSteps, killMode: killMode, timeoutStart: timeoutStart,
            awaitsReadiness: awaitsReadiness, minUptime: minUptime, runtimeMax: runtimeMax, watchdog: watchdog,
            extendMax: extendMax, errands: errands)
    }

    /// SIGINT, two seconds, SIGTERM, three seconds.
    static var twoSteps: [StopStep] {
        [StopStep(signal: .int, wait: .seconds(2)), StopStep(signal: .term, wait: .seconds(3))]
    }
}

extension ExitOutcome {
    static var success: ExitOutcome { .exited(code: 0) }
    static var failure: ExitOutcome { .exited(code: 1) }
    static var killed: ExitOutcome { .signaled(.kill, coreDumped: false) }
    static var terminated: ExitOutcome { .signaled(.term, coreDumped: false) }
}

extension SpawnFailure {
    /// The program is not there: the service's own fault.
    static var missing: SpawnFailure {
        SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/usr/bin/web")
    }
    /// The system is short of processes: nobody's fault.
    static var shortage: SpawnFailure { SpawnFailure(stage: .clone, error: ErrorNumber(11), subject: "") }
}

extension ServiceName {
    /// A name that the test itself has written.
    static func named(_ name: String) -> ServiceName {
        guard let valid = ServiceName(name) else { preconditionFailure("'\(name)' is no service name") }
        return valid
    }
}
