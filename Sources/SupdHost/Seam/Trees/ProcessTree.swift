/// All processes that one attempt of a service has brought into being.
package struct ProcessTree: Hashable, Sendable {
    /// What was started as the main process: leader of the tree's first session and process group.
    package var leader: Int32
    /// That of the value of `SUPD_INVOCATION` in the environment of its processes; never used twice.
    package var mark: TreeMark
    /// The name of its control group below the daemon's (`ControlGroupRequest.name`); nil where none was asked for.
    package var group: String?
    /// Other processes of it that have handles: commands of the service, and a main process that was adopted.
    package var companions: [Int32]

    /// The tree of these.
    package init(leader: Int32, mark: TreeMark, group: String? = nil, companions: [Int32] = []) {
        self.leader = leader
        self.mark = mark
        self.group = group
        self.companions = companions
    }

    /// The tree whose processes have this value of `SUPD_INVOCATION`.
    package init(leader: Int32, invocation: String, group: String? = nil, companions: [Int32] = []) {
        self.init(leader: leader, mark: TreeMark.of(invocation.utf8), group: group, companions: companions)
    }
}
