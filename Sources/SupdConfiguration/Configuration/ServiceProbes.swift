/// `ready` and `health` of a service. Most services have neither: a class, so that those keep no room for them.
public final class ServiceProbes: Sendable {
    /// `ready`.
    public let readiness: PlannedProbe?
    /// `health`.
    public let health: PlannedProbe?

    /// Probes of these.
    public init(readiness: PlannedProbe? = nil, health: PlannedProbe? = nil) {
        self.readiness = readiness
        self.health = health
    }
}
