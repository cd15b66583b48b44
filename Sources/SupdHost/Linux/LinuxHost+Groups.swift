internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// How trees are told apart. The first request with a group may still show that there are none.
    package var tracking: ProcessTracking {
        let tracking = groups.tracking(token: invocationPrefix)
        if case .descent = tracking, !procfs.isThere { return .processGroups }
        return tracking
    }

    /// Why what takes a control group cannot be had where there is none.
    var lackOfGroups: String {
        switch tracking {
        case .descent(let reason) where !reason.isEmpty: "it takes a control group, and there is none: \(reason)"
        case .processGroups: "it takes a control group, and there is none that could be found without /proc"
        case .descent, .controlGroups: "it takes a control group, and there is none"
        }
    }

    /// The folder of a tree's control group; nil where it has none.
    package func controlGroup(of tree: ProcessTree) -> String? { group(of: tree)?.path }

    /// Has the control group of a tree that is proved gone removed, and the groups below it, once the loop has nothing else to do. With
    /// `isEnding`, as the daemon is to end, not one by one where they go with the group that they are in, or at its end. Nothing where it has none, or
    /// processes are in it after all; nor on a second call.
    package func release(_ tree: ProcessTree, isEnding: Bool) {
        loop.thread.assertIsCurrent()
        if let name = tree.group { groups.release(name, isEnding: isEnding) }
    }

    /// The control group of a tree; nil where it has none, and is found by descent.
    func group(of tree: ProcessTree) -> GroupFolder? { tree.group.flatMap { groups.leaf($0) } }

    /// What is in a tree's group, and what of the tree has left it.
    func look(atGroup group: GroupFolder, of tree: ProcessTree, isEnding: Bool) -> TreeLook {
        var members: [ProcStat] = []
        // Its removal has to come, and proves as much as its word.
        let isRemoved = isEnding && tree.group.map(groups.removeEmpty) == true
        let events = isRemoved ? nil : group.events
        if let name = tree.group, let events, !events.isPopulated, !events.isFrozen { groups.note(empty: name) }
        if !isRemoved, events?.isPopulated ?? !group.isGone {
            guard let found = self.members(ofGroup: group) else { return notLooked() }
            // Nobody lives in it: the last one is on its way out, or a thread of it hides. Nothing will tell when it is gone.
            if found.isEmpty { return notLooked() }
            members = found
        }
        // Orphans elsewhere are asked about once the group is empty: of a stop that goes as it should, that is once.
        members += outsiders(
            of: tree, inGroup: Set(members.map(\.pid)), includesOrphans: members.isEmpty)
        guard members.isEmpty, procfs.wasBlind || mayHaveOutsiders() else {
            if procfs.wasBlind { loop.tellToLookAgain() }
            return TreeLook(members: members.map(\.pid).sorted(), isWhole: !procfs.wasBlind)
        }
        return notLooked()
    }

    /// Whether an orphan that hides its mark may have left an empty group: one that is in the group of another tree has not. The same for
    /// all groups of a turn.
    private func mayHaveOutsiders() -> Bool {
        guard let snapshot = orphans else { return false }
        if let known = snapshot.mayHaveLeftGroups { return known }
        let doubtful = snapshot.doubtful
        let base = doubtful.isEmpty ? nil : groups.base.flatMap { OwnControlGroup.current?.path(of: $0) }
        let mayHave =
            !snapshot.isWhole
            || doubtful.contains { process in
                guard let base, let name = procfs.group(of: process.pid, below: base) else { return true }
                return !groups.made.contains(name.hashValue)
            }
        orphans?.mayHaveLeftGroups = mayHave
        return mayHave
    }

    /// The living in a group; nil where they could not be found out.
    func members(ofGroup group: GroupFolder) -> [ProcStat]? {
        group.processes.map { pids in
            Set(pids).compactMap { procfs.stat($0) }.filter(\.isLiving).sorted { $0.pid < $1.pid }
        }
    }

    /// Sends a signal to all that is in a group, and to a main process that has left it with what is below it. False where it could
    /// not be found out who is in the group.
    func send(_ signal: Signal, toGroup group: GroupFolder, andMain slot: ProcessSlots.Slot) -> Bool {
        if signal == .kill {
            defer { _ = supd_pidfd_signal(slot.pidfd, signal.rawValue) }
            return group.kill()
        }
        guard let reached = group.signal(signal.rawValue, held: { self.processes[pid: $0]?.pidfd }) else {
            return false
        }
        if !reached.contains(slot.pid) {
            for process in outsiders(below: slot.pid, inGroup: reached) { send(signal, to: process.identity) }
        }
        lastSignalled = reached == [slot.pid] ? (slot.pid, true, []) : nil
        return true
    }

    // MARK: At a spawn

    /// The group that a request asks for, made and with its limits; nil where it asks for none, or there are none and it can do
    /// without. Processes that are in it already are killed, unless they may be there. Whether it was used before.
    func makeGroup(of request: SpawnRequest) throws(SpawnFailure) -> (GroupFolder?, wasUsed: Bool) {
        guard let wanted = request.group else { return (nil, false) }
        guard let base = try prepareGroups() else {
            guard let control = wanted.controls.first else { return (nil, false) }
            throw SpawnFailure(
                stage: .resources, error: ErrorNumber(ENOTSUP), subject: control.key, hint: lackOfGroups)
        }
        return try groups.makeLeaf(wanted, in: base, mayBeUsed: true) { leaf throws(SpawnFailure) in
            try examine(leaf, mayBePopulated: wanted.mayBePopulated)
        }
    }

    /// Refuses to start anything in a group that is there already and frozen, or has processes.
    private func examine(_ leaf: GroupFolder, mayBePopulated: Bool) throws(SpawnFailure) {
        if mayBePopulated, leaf.isFrozen {
            // Whoever is born there does not get to its execve(2) before somebody thaws it, and the daemon would wait for that.
            throw SpawnFailure(
                stage: .controlGroup, error: ErrorNumber(EBUSY), subject: leaf.path,
                hint: "the group is frozen (cgroup.freeze): no command of the service runs before it is thawed")
        }
        if !mayBePopulated, leaf.isPopulated == true {
            let there = describe(leaf.processes ?? [])
            leaf.kill()
            throw SpawnFailure(
                stage: .leftovers, error: ErrorNumber(EBUSY), subject: there,
                hint:
                    "these processes were in its control group \(leaf.path) and have been killed; it is started once they are gone"
            )
        }
    }

    /// The folder of the groups, made where that was not done yet.
    func prepareGroups() throws(SpawnFailure) -> GroupFolder? {
        if let base = groups.base { return base }
        let base = try groups.prepare(token: invocationPrefix)
        guard let base else { return nil }
        note(groups: base.path)
        supd_deadline_set_groups(base.path, groups.home)
        return base
    }

    /// `4711 (sleep 60)`, and of more processes than three how many there are.
    func describe(_ processes: [Int32]) -> String {
        let shown = details(of: Array(processes.prefix(3))).map { "\($0.pid) (\($0.command))" }
        let rest = processes.count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 && !shown.isEmpty ? " and \(rest) more" : "")
    }

    func open(_ group: GroupFolder) throws(SpawnFailure) -> Int32 {
        let descriptor = supd_open_folder(AT_FDCWD, group.path, 1)
        guard descriptor >= 0 else {
            throw SpawnFailure(stage: .controlGroup, error: ErrorNumber(-descriptor), subject: group.path)
        }
        return descriptor
    }
}
