package import SupdPlugin

/// Trees of processes: what attempts of services have brought into being, known or not.
package protocol HostTrees: AnyObject {
    /// How trees are told apart.
    var tracking: ProcessTracking { get }
    /// What tells this daemon's processes from those of any other control socket's, for the marks of its trees; without a dot.
    var invocationPrefix: String { get }
    /// The processes that `tree` still has, its main process aside once that is reaped: those of its control group, or else by
    /// process group, session, descent, and the mark in the environment. What cannot be looked at is never waited for. With `isEnding`, as
    /// the daemon is to end, a control group that turns out to be empty is gone afterwards, unless it goes with the group that it is in.
    func look(at tree: ProcessTree, isEnding: Bool) -> TreeLook
    /// The same of several trees of one service, each its own processes, in one look.
    func look(at trees: [ProcessTree]) -> [TreeLook]
    /// The first `limit` processes of a tree, and how many more there are at least; nil where that could not be found out. For a person to
    /// look at: it proves nothing.
    func processes(of tree: ProcessTree, atMost limit: Int) -> (pids: [Int32], more: Int)?
    /// The folder of a tree's control group; nil where it has none.
    func controlGroup(of tree: ProcessTree) -> String?
    /// What there is to know of these processes; those that are gone are left out. The command of one that cannot be looked at within
    /// a moment is `unknown`. For a few: of many, `describe`.
    func details(of processes: [Int32]) -> [ProcessDetail]
    /// Tells `then` the same, at once or inside `wait`, when they have been looked at, at most `limit` from now; and whether those that are
    /// left out were gone, and not kept from being looked at.
    func describe(
        _ processes: [Int32], within limit: Duration,
        then: @escaping (_ details: [ProcessDetail], _ isWhole: Bool) -> Void
    )
    /// Sends a signal to every member of `tree`, each by a pidfd whose identity was checked after it was opened.
    func signalTree(_ tree: ProcessTree, _ signal: Signal)
    /// Changes what is other in `settings` than in `former`, for all that `tree` has: prlimit(2), setpriority(2) of every thread,
    /// `oom_score_adj`, and the files of its control group. What only `former` has goes back to what a child of the daemon has
    /// without it. Processes that have set something of it themselves since lose that; those that end meanwhile are no problem. A
    /// second call changes nothing. Done at once; of very many processes some are left out, and that is told.
    func apply(_ settings: TreeSettings, insteadOf former: TreeSettings, to tree: ProcessTree) -> TreeSettingsReport
    /// Has the control group of a tree that is proved gone removed, once there is nothing else to do; with `isEnding`, as the daemon is
    /// to end, only where it goes neither with the group that it is in nor with the daemon's own. Nothing where it has none, or processes are in it after all.
    func release(_ tree: ProcessTree, isEnding: Bool)
    /// Finds the processes that an earlier daemon of the same control socket has left behind, kills them, and waits until they
    /// are gone, at most `limit`. For the time before the first start; answers nothing where there are none. What does not
    /// end stands in the way of a start of its instance (`SpawnFailure.Stage.leftovers`) for as long as it is there.
    func endLeftovers(within limit: Duration) -> LeftoverReport
    /// Sends SIGKILL to every process below the daemon, known or adopted, but those of `spared` and what is below them.
    /// For the end of a drain. Returns the processes that were found, as they were before, where they are to be described.
    @discardableResult
    func killAllDescendants(sparing spared: [ProcessHandle], describing: Bool) -> KilledDescendants
}

extension HostTrees {
    /// The same where the daemon goes on.
    package func look(at tree: ProcessTree) -> TreeLook { look(at: tree, isEnding: false) }

    /// The processes that `tree` still has, as far as they are found.
    package func members(of tree: ProcessTree) -> [Int32] { look(at: tree).members }
}
