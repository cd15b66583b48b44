/// How the host tells which processes belong to a tree.
package enum ProcessTracking: Hashable, Sendable {
    /// Each tree has a control group below this folder: exact.
    case controlGroups(String)
    /// By session, process group, descent and environment, for this reason.
    case descent(String)
    /// By process group alone: there is no /proc to look into. What leaves its group is neither seen nor reached.
    case processGroups
}
