/// `ready` and `health` of a service. Most services have neither: a class, so that those keep no room for them.
package final class ServiceProbes: Sendable {
    /// What is asked of `ready`.
    package let readiness: PlannedProbe?
    /// What is not asked of `ready`, and has to come true as well: at most one of each kind.
    package let signals: [ReadySignal]
    /// `health`.
    package let health: PlannedProbe?

    /// Probes of these.
    package init(readiness: PlannedProbe? = nil, signals: [ReadySignal] = [], health: PlannedProbe? = nil) {
        self.readiness = readiness
        self.signals = signals
        self.health = health
    }
}
