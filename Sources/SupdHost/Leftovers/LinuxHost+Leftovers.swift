internal import CSupd
internal import Glibc
internal import SupdPlugin

/// What an earlier daemon of the same control socket has left behind.
extension LinuxHost {
    /// Finds the processes that an earlier daemon of the same control socket has left behind, kills them, and waits until they
    /// are gone, at most `limit`.
    ///
    /// They are found by the control groups below this daemon's, or below the group of the earlier one, and, where the lock of
    /// the control socket says that it did not end in peace, by the marks in their environments. What leaves both is not
    /// found: without control groups a process can.
    public func endLeftovers(within limit: Duration) -> [Leftover] {
        let deadline = Self.clock() + limit
        var killed: [String: [ProcessDetail]] = [:]
        var identities: [(instance: String, identity: ProcessIdentity)] = []
        func note(_ instance: String, _ pid: Int32) {
            guard let stat = procfs.stat(pid), stat.isLiving, let detail = details(of: [pid]).first else { return }
            guard !identities.contains(where: { $0.identity == stat.identity }) else { return }
            identities.append((instance, stat.identity))
            killed[instance, default: []].append(detail)
        }
        let emptied = killGroups(noting: note)
        if let earlier = controlSockets.first?.earlier { killMarked(earlier.token, noting: note) }
        wait(for: identities.map(\.identity), until: deadline)
        for group in emptied { group.remove() }
        removeEarlierBase()
        for (instance, identity) in identities where isThere(identity) {
            stubbornLeftovers[instance, default: []].append(identity)
        }
        return killed.sorted { $0.key < $1.key }.map { instance, processes in
            let remaining = Set((stubbornLeftovers[instance] ?? []).map(\.pid))
            return Leftover(
                instance: instance, killed: processes, remaining: processes.filter { remaining.contains($0.pid) })
        }
    }

    /// Refuses a start beside processes of the instance that did not end.
    func refuseBesideLeftovers(_ request: SpawnRequest) throws(SpawnFailure) {
        guard !stubbornLeftovers.isEmpty, let instance = request.group?.name, let left = stubbornLeftovers[instance]
        else {
            return
        }
        let still = left.filter(isThere)
        stubbornLeftovers[instance] = still.isEmpty ? nil : still
        guard let first = still.first else { return }
        let command = details(of: [first.pid]).first?.command ?? ""
        throw SpawnFailure(stage: .leftovers, error: ErrorNumber(EBUSY), subject: "pid \(first.pid) (\(command))")
    }

    // MARK: By control group

    /// Kills what is in groups of instances. Answers the groups.
    private func killGroups(noting note: (String, Int32) -> Void) -> [ControlGroup] {
        guard let groups else { return [] }
        var leaves = groups.leaves()
        if let earlier = earlierBase {
            leaves += ControlGroups.leaves(below: earlier).map { ($0.instance, $0.group) }
        }
        for (instance, group) in leaves where group.isPopulated == true {
            for pid in group.processes() { note(instance, pid) }
            signal(group, .kill)
        }
        return leaves.map(\.group)
    }

    /// The group that the earlier daemon made, where that is another one than this daemon's.
    private var earlierBase: ControlGroup? {
        guard let earlier = controlSockets.first?.earlier, let path = earlier.group, path != groups?.base.path,
            path.split(separator: "/").last.map(String.init) == ControlGroups.baseName(earlier.token),
            access("\(path)/cgroup.procs", F_OK) == 0
        else { return nil }
        return ControlGroup(path: path)
    }

    private func removeEarlierBase() { earlierBase?.remove() }

    // MARK: By mark

    private func killMarked(_ token: String, noting note: (String, Int32) -> Void) {
        let excluded = ownLine()
        var done: Set<ProcessIdentity> = []
        for _ in 0..<Self.killRounds {
            let new = MarkedProcesses.find(token: token, excluding: excluded).filter { !done.contains($0.identity) }
            if new.isEmpty { return }
            for found in new {
                done.insert(found.identity)
                note(found.instance, found.identity.pid)
                kill(found.identity)
            }
        }
    }

    /// The daemon and whoever started it: of a shell that was a service, perhaps.
    private func ownLine() -> Set<Int32> {
        var line: Set<Int32> = []
        var pid = ownPID
        while pid > 0, line.insert(pid).inserted { pid = procfs.stat(pid)?.parent ?? 0 }
        return line
    }

    private func kill(_ identity: ProcessIdentity) {
        let pidfd = supd_pidfd_open(identity.pid)
        guard pidfd >= 0 else { return }
        defer { closeDescriptor(pidfd) }
        guard procfs.stat(identity.pid)?.startTime == identity.startTime else { return }
        _ = supd_pidfd_signal(pidfd, SIGKILL)
    }

    // MARK: Waiting

    private func isThere(_ identity: ProcessIdentity) -> Bool {
        guard let stat = procfs.stat(identity.pid) else { return false }
        return stat.startTime == identity.startTime && stat.isLiving
    }

    /// Waits until all of these have ended, or the deadline has come. Before the first start: nothing else is to be done yet.
    private func wait(for identities: [ProcessIdentity], until deadline: Duration) {
        var open = identities.filter(isThere)
        while !open.isEmpty, Self.clock() < deadline {
            let descriptors = open.prefix(64).map { supd_pidfd_open($0.pid) }.filter { $0 >= 0 }
            defer { for descriptor in descriptors { closeDescriptor(descriptor) } }
            let left = deadline - Self.clock()
            // One that is a zombie of somebody else's counts as ended, and is told by nothing after it has become one.
            let milliseconds = min(
                50, max(1, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000))
            _ = supd_wait_for_any(descriptors, descriptors.count, Int32(milliseconds))
            open = open.filter(isThere)
        }
    }

    private static func clock() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
