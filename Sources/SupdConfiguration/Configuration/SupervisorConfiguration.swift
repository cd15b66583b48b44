public import SupdPlugin

/// `[supervisor]` and its subtables.
public struct SupervisorConfiguration: Sendable {
    /// When the daemon stops by itself.
    public enum ExitWhen: String, Hashable, Sendable, CaseIterable {
        /// Only on an order.
        case never
        /// When no instance is running, starting or waiting for a restart any more.
        case allExited = "all-exited"
        /// The same, and as soon as an instance has failed for good.
        case anyFailed = "any-failed"
    }

    /// The control socket's path, or `noSocket`; nil for the standard place.
    public var socket: String?
    /// What `socket` says where there is to be none.
    public static let noSocket = "none"
    /// Whether services get control groups of their own.
    package var controlGroups = ControlGroupMode.auto
    /// When the daemon stops by itself.
    public var exitWhen: ExitWhen = .never
    /// How many instances may be between fork and ready at once; at least 1.
    public var startParallelism: Int = 64
    /// The budgets of the drain.
    public var drain = DrainConfiguration()
    /// Hooks of the daemon.
    public var hooks: [PlannedHook] = []

    /// The standard values.
    public init() {}
}
