internal import CSupd
internal import SupdPlugin

/// What the daemon's own surroundings make of a request: who it is itself, and what it was started with.
struct SpawnSettings {
    /// A request of these alone, without strings and lists.
    private(set) var request = supd_spawn_request()
    /// Groups that are to be set; those that the daemon has itself need no setting, which only a privileged one may do.
    private(set) var groups: [UInt32] = []

    init(
        _ wanted: SpawnRequest, identity: OwnIdentity, inherited: InheritedState, options: LinuxHost.Options,
        oomScore: Int32?, name: ChildName
    ) {
        name.apply(to: &request)
        request.parents_ignored_signals = inherited.ignoredInChildren
        if wanted.keepsInherited { inherited.apply(to: &request) }
        request.umask = UInt32(wanted.umask)
        if options.spawnsByFork { request.set(SUPD_SPAWN_BY_FORK) }
        if options.closesOneByOne { request.set(SUPD_SPAWN_CLOSE_ONE_BY_ONE) }
        if wanted.staysInSession { request.set(SUPD_SPAWN_IN_SESSION) }
        if wanted.staysInSession, options.sharesJob { request.set(SUPD_SPAWN_IN_PROCESS_GROUP) }
        if wanted.noNewPrivileges { request.set(SUPD_SPAWN_NO_NEW_PRIVILEGES) }
        setIdentity(wanted, identity)
        if let nice = wanted.nice {
            request.nice = Int32(clamping: nice)
            request.set(SUPD_SPAWN_NICE)
        }
        if let score = wanted.oomScoreAdjust {
            request.oom_score_adjust = Int32(clamping: score)
            request.set(SUPD_SPAWN_OOM_SCORE)
        } else if let oomScore {
            request.oom_score_adjust = oomScore
            request.set(SUPD_SPAWN_OOM_SCORE)
            request.set(SUPD_SPAWN_OOM_SCORE_IF_ALLOWED)
        }
    }

    private mutating func setIdentity(_ wanted: SpawnRequest, _ identity: OwnIdentity) {
        if let uid = wanted.uid, uid != identity.uid || !identity.uidIsPlain {
            request.uid = uid
            request.set(SUPD_SPAWN_UID)
        }
        if let gid = wanted.gid, gid != identity.gid || !identity.gidIsPlain {
            request.gid = gid
            request.set(SUPD_SPAWN_GID)
        }
        guard let groups = wanted.groups, Set(groups) != identity.groups else { return }
        self.groups = groups
        request.set(SUPD_SPAWN_GROUPS)
        // Without privilege nobody gives groups up, so a service of the daemon's own user keeps those it did not ask for.
        let isOwn = request.flags & UInt32(SUPD_SPAWN_UID.rawValue | SUPD_SPAWN_GID.rawValue) == 0
        if isOwn, Set(groups).isSubset(of: identity.groups.union([identity.gid])) {
            request.set(SUPD_SPAWN_GROUPS_IF_ALLOWED)
        }
    }
}
