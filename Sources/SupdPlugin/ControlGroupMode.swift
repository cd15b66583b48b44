/// Whether services get control groups of their own (`[supervisor] control_groups`).
package enum ControlGroupMode: String, Hashable, Sendable, CaseIterable {
    /// Where the daemon has a hierarchy of version 2 to itself.
    case auto
    /// Never.
    case off
}
