public import Logging

/// Asks a service whether it can do its work.
///
/// As its readiness probe (`ready`) it is asked again and again from the start of the service's process until it
/// returns once: until then the service is STARTING, and what depends on it waits. As its health probe (`health`) it is
/// asked for as long as the service is RUNNING.
///
/// Returning means ready, or healthy. Throwing means not: the error says why, and is shown by `supctl status`. Each time it
/// has `timeout`: then its task is cancelled (`Task.isCancelled`, and what it awaits throws), which counts as a failure. One
/// that has not returned three seconds later is abandoned by name, and the service's attempt is not probed any more.
///
/// It is never asked twice at once for one instance, but at the same time for several instances.
public protocol Probe: Sendable {
    /// Asks once.
    func probe(_ context: ProbeContext) async throws
}

/// What the answer of a probe is used for.
public enum ProbePurpose: String, Hashable, Sendable, CaseIterable {
    /// Whether a service that is starting is up.
    case readiness
    /// Whether a service that is up still works.
    case health
}

/// What a probe is told.
public struct ProbeContext: Sendable {
    /// Logger, services and tasks. What a probe registers is a child of its task.
    public var plugin: PluginContext
    /// What it is asked for.
    public var purpose: ProbePurpose
    /// The instance, as it was when the probe was begun.
    public var service: ServiceSummary
    /// When its task is cancelled, on the monotonic clock.
    public var deadline: MonotonicInstant

    /// A context of these.
    public init(plugin: PluginContext, purpose: ProbePurpose, service: ServiceSummary, deadline: MonotonicInstant) {
        self.plugin = plugin
        self.purpose = purpose
        self.service = service
        self.deadline = deadline
    }

    /// The daemon's log.
    public var logger: Logger { plugin.logger }
    /// The daemon's services.
    public var services: any ServiceControl { plugin.services }
}
