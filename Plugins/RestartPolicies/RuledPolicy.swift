import SupdPlugin

/// A policy that what the service's own sets say comes before.
protocol RuledPolicy: RestartPolicy {
    /// The answer after an end that is in neither set.
    func answer(_ context: RestartContext) -> RestartDecision
}

extension RuledPolicy {
    /// The order is systemd's (service_shall_restart): prevent, force, then the policy. The sets are asked how the
    /// process ended, also where it was killed for overrunning its time.
    func decide(_ context: RestartContext) -> RestartDecision {
        if context.rules.restartPrevent.contains(context.exit.outcome) { return .stay }
        if context.rules.restartForce.contains(context.exit.outcome) { return .restart }
        return answer(context)
    }
}
