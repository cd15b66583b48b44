public import Logging

/// Something to do on the way down: of the daemon, or of one service.
///
/// Returning means done. Throwing means that it failed: the error is logged and is in the drain's report, and the drain
/// goes on. At its budget the hook's task is cancelled (`Task.isCancelled`, and what it awaits throws); one that has
/// not returned three seconds later is abandoned by name, and nothing waits for it any more.
///
/// A hook may be run again: a stop that was taken back and ordered again, a drain that was resumed and begun again. It may
/// block its thread, and then delays other hooks and jobs, but no deadline.
public protocol ShutdownHook: Sendable {
    /// Does it.
    func run(_ context: HookContext) async throws
}

/// When a hook is run.
public enum HookPoint: String, Hashable, Sendable, CaseIterable {
    /// Before any service is stopped, in the drain's phase `quiesce`.
    case beforeServices = "before-services"
    /// When all services are down, in the phase `flush`.
    case afterServices = "after-services"
    /// Before a service gets its first stop signal: in a drain, at an order, before a restart, where it is unhealthy. Its
    /// process still runs.
    /// Not run for a service that ended by itself.
    case beforeStop = "before-stop"
    /// After a service's process tree is proved gone, following a stop.
    case afterStop = "after-stop"
}

/// What a hook is told.
public struct HookContext: Sendable {
    /// Logger, services and tasks. What a hook registers is a child of its task.
    public var plugin: PluginContext
    /// When it is run.
    public var point: HookPoint
    /// Why: `SIGTERM`, `shutdown ordered by uid 0, pid 42`; of a stopped service, its reason.
    public var cause: String
    /// When its task is cancelled, on the monotonic clock.
    public var deadline: MonotonicInstant
    /// The instance, for the two points that have one.
    public var service: ServiceSummary?

    /// A context of these.
    public init(
        plugin: PluginContext, point: HookPoint, cause: String, deadline: MonotonicInstant,
        service: ServiceSummary? = nil
    ) {
        self.plugin = plugin
        self.point = point
        self.cause = cause
        self.deadline = deadline
        self.service = service
    }

    /// The daemon's log.
    public var logger: Logger { plugin.logger }
    /// The daemon's services.
    public var services: any ServiceControl { plugin.services }
}

/// A hook, and when it is run: one of `hooks` in the configuration, or one that a plugin has added for the daemon.
public struct PlannedHook: Sendable {
    /// Its name, for the log, `supctl tasks` and the report.
    public var name: String
    /// The plugin it came from.
    public var plugin: String
    /// When it is run.
    public var point: HookPoint
    /// Hooks of one point are run one after the other, lower ones first, equal ones in the order they were added.
    public var order: Int
    /// How long it may take.
    public var budget: Duration
    /// What is run.
    public var hook: any ShutdownHook

    /// A hook of these.
    public init(
        name: String, plugin: String, point: HookPoint, order: Int = 0, budget: Duration, hook: any ShutdownHook
    ) {
        self.name = name
        self.plugin = plugin
        self.point = point
        self.order = order
        self.budget = budget
        self.hook = hook
    }
}
