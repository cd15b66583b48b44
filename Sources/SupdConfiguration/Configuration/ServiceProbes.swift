/// `ready` and `health` of a service. Most services have neither: a class, so that those keep no room for them.
package final class ServiceProbes: Sendable {
    /// `ready`.
    package let readiness: PlannedProbe?
    /// `health`.
    package let health: PlannedProbe?

    /// Probes of these.
    package init(readiness: PlannedProbe? = nil, health: PlannedProbe? = nil) {
        self.readiness = readiness
        self.health = health
    }
}
