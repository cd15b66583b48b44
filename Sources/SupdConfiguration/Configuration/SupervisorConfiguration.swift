package import SupdPlugin

/// `[supervisor]` and its subtables.
package struct SupervisorConfiguration: Sendable {
    /// When the daemon stops by itself.
    package enum ExitWhen: String, Hashable, Sendable, CaseIterable {
        /// Only on an order.
        case never
        /// When no instance is running, starting or waiting for a restart any more.
        case allExited = "all-exited"
        /// The same, and as soon as an instance has failed for good.
        case anyFailed = "any-failed"
    }

    /// The control socket's path, or `noSocket`; nil for the standard place.
    package var socket: String?
    /// What `socket` says where there is to be none.
    package static let noSocket = "none"
    /// How many connections the control socket takes at once.
    package var connections = 64
    /// Whether services get control groups of their own.
    package var controlGroups = ControlGroupMode.auto
    /// When the daemon stops by itself.
    package var exitWhen: ExitWhen = .never
    /// How many instances may be between fork and ready at once; at least 1.
    package var startParallelism: Int = 64
    /// The budgets of the drain.
    package var drain = DrainBudget()
    /// Who may do what at the control socket.
    package var access = AccessRules()
    /// Hooks of the daemon.
    package var hooks: [PlannedHook] = []
    /// What the table says, to be compared; empty where it was made in code.
    package var text = SettingsText()

    /// The standard values.
    package init() {}
}
