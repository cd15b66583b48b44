import SupdPlugin

/// A policy that only has to say what it thinks of an end; what the service's own sets say comes before it.
protocol VerdictPolicy: RestartPolicy {
    /// Whether an end that is in neither set is followed by another run.
    func restarts(after exit: ExitRecord, rules: ExitStatusRules) -> Bool
}

extension VerdictPolicy {
    /// The order is systemd's (service_shall_restart): prevent, force, then the policy. The sets are asked how the
    /// process ended, also where it was killed for overrunning its time.
    func decide(after exit: ExitRecord, rules: ExitStatusRules) -> RestartDecision {
        if rules.restartPrevent.contains(exit.outcome) { return .stay }
        if rules.restartForce.contains(exit.outcome) { return .restart }
        return restarts(after: exit, rules: rules) ? .restart : .stay
    }
}
