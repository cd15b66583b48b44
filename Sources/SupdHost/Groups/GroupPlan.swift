internal import CSupd
internal import Glibc

/// Which folder of control groups is the daemon's to make groups in, and what has to be done first. A value that decides; what it
/// goes by is in `Surroundings`.
enum GroupPlan: Hashable {
    /// Groups are made in `base`, with the daemon itself in its group `supd` there: a service manager has delegated it.
    case delegated(base: GroupFolder)
    /// Groups are made in `base`, which is delegated and has the daemon in its group `home` already (DelegateSubgroup=).
    case delegatedWithDaemonInside(base: GroupFolder, home: String)
    /// Nobody else manages `parent`: groups are made in a group of it that is the daemon's alone, and removed at its end.
    case ownGroup(in: GroupFolder)
    /// There is none, for this reason.
    case none(String)

    /// What the decision goes by.
    struct Surroundings {
        var own: OwnControlGroup?
        /// Folders that a service manager has delegated.
        var isDelegated: (GroupFolder) -> Bool
        /// Folders that are no unit's, and belong to the ordinary user that the daemon is of: somebody has made them for him.
        var isUsersOwn: (GroupFolder) -> Bool = { _ in false }
        /// systemd is the machine's service manager.
        var systemdRuns: Bool
        /// Has the folder be this daemon's alone for as long as it lives. False where it is another's: of a supd that this one is a
        /// service of, say.
        var claims: (GroupFolder) -> Bool = { _ in true }
        /// Who the daemon is may make groups in this folder, and move processes within it.
        var isWritable: (GroupFolder) -> Bool
        var uid: UInt32
        /// The daemon is the main process of a unit of systemd's: with its end the unit's, and what is in its group.
        var isUnitsMain = false
    }

    /// A hierarchy has one writer (systemd's CGROUP_DELEGATION): under systemd only what it has delegated is touched.
    static func decided(by surroundings: Surroundings) -> GroupPlan {
        guard let own = surroundings.own else {
            return .none("no hierarchy of control groups of version 2 is mounted where supd could reach its own group")
        }
        var isInAnothersBase = false
        if surroundings.isDelegated(own.folder) {
            if surroundings.claims(own.folder) { return .delegated(base: own.folder) }
            isInAnothersBase = true
        } else if let parent = own.parent, mayBeSubgroup(own.folder.name), surroundings.isDelegated(parent) {
            if surroundings.claims(parent) { return .delegatedWithDaemonInside(base: parent, home: own.folder.name) }
            isInAnothersBase = true
        }
        if surroundings.systemdRuns, !isInAnothersBase, !surroundings.isUsersOwn(own.folder) {
            return .none("systemd has not delegated its control group to supd: set Delegate=yes in its unit")
        }
        guard surroundings.isWritable(own.folder) else {
            return .none(
                "uid \(surroundings.uid) may not make control groups in \(own.folder.path), which is another's or read-only: give "
                    + "supd a group of its own, with its cgroup.procs and cgroup.subtree_control")
        }
        return .ownGroup(in: own.folder)
    }

    /// Whether a unit's `DelegateSubgroup=` may have made this group in the unit's own. One of a unit is in a group that was
    /// delegated to a service manager, with others beside it.
    private static func mayBeSubgroup(_ name: String) -> Bool { !isUnit(name) && !name.hasPrefix("_") }

    /// Whether systemd calls the groups of its units so.
    fileprivate static func isUnit(_ name: String) -> Bool {
        ["service", "scope", "slice", "socket", "mount", "swap"].contains { name.hasSuffix(".\($0)") }
    }
}

extension GroupPlan.Surroundings {
    /// As the kernel has them now, and `manager` where that does not say it.
    init(_ manager: (any ServiceManagerLink)? = nil) {
        let own = OwnControlGroup.current
        self.own = own
        isDelegated = { folder in
            // By systemd, for a daemon of root's and for one of a user's (systemd.resource-control(5), Delegate=).
            let names: [String] = ["trusted.delegate", "user.delegate"]
            if names.contains(where: { supd_attribute_is_one(folder.path, $0) != 0 }) { return true }
            // The manager of an ordinary user sets no mark before version 254.
            return folder.isUsersOwn && GroupPlan.isUnit(folder.name) && manager?.delegates(unit: folder.name) == true
        }
        isUsersOwn = { $0 != own?.mount && !GroupPlan.isUnit($0.name) && $0.isUsersOwn }
        systemdRuns = access("/run/systemd/system", F_OK) == 0
        isWritable = { folder in
            access(folder.path, W_OK) == 0 && access(folder.child("cgroup.procs").path, W_OK) == 0
        }
        uid = geteuid()
        // systemd.exec(5), "Environment Variables Set or Propagated by the Service Manager".
        isUnitsMain = getenv("SYSTEMD_EXEC_PID").flatMap { Int32(String(cString: $0)) } == getpid()
    }
}

extension GroupFolder {
    /// Whether it, and the right to move processes within it, belong to the daemon's user, who is not root: to root all belongs.
    fileprivate var isUsersOwn: Bool {
        guard geteuid() != 0 else { return false }
        return [path, child("cgroup.procs").path].allSatisfy { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_uid == geteuid()
        }
    }
}
