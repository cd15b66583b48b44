internal import CSupd
internal import Glibc
public import SupdPlugin

extension LinuxHost {
    /// The processes that `tree` still has; zombies do not count. Empty means proved gone.
    ///
    /// Whatever a service starts stays below the daemon: its parents, up to the main process, or, where one of them has
    /// ended, the daemon itself, which adopts orphans. So a tree is its main process until that ends, the orphans that
    /// belong to it (by session, process group, or the mark in the environment), and the descendants of all these. Other main
    /// processes are nobody's orphans, so another service's tree is never among them.
    ///
    /// Where the tree has a control group, it is what that group has, and nothing else.
    public func members(of tree: ProcessTree) -> [Int32] {
        if let group = group(of: tree) { return members(ofGroup: group, tree) }
        let living = livingMembers(of: tree, includesDoubtful: true)
        guard living.isEmpty, procfs.wasBlind else { return living.map(\.pid) }
        // Nobody was seen, and that proves nothing.
        loop.tellToLookAgain()
        return [tree.leader]
    }

    /// Sends a signal to every member of `tree`, each by a pidfd whose identity was checked after it was opened.
    /// SIGKILL is repeated until no new members are found, at most ten times.
    public func signalTree(_ tree: ProcessTree, _ signal: Signal) {
        if let group = group(of: tree) {
            send(signal, toGroup: group)
            return
        }
        var done: Set<ProcessIdentity> = []
        // A process that has a SIGKILL waiting forks no more, so every round is left with fewer; of another signal a handler
        // may well start what cleans up, and that is not to be shot at.
        for _ in 0..<(signal == .kill ? Self.killRounds : 1) {
            orphans = nil
            let new = livingMembers(of: tree, includesDoubtful: false).filter { !done.contains($0.identity) }
            if new.isEmpty { return }
            for member in new {
                done.insert(member.identity)
                send(signal, to: member.identity)
            }
        }
    }

    /// Sends SIGKILL to every process below the daemon, known or adopted, until no new ones are found, at most ten times;
    /// not to those of `spared` and what is below them. Returns the processes that were found, as they were before.
    @discardableResult
    public func killAllDescendants(sparing spared: [ProcessHandle]) -> [ProcessDetail] {
        // Of a child that has not come to its program and was told to end there is nothing more to tell.
        let takenBack = spawns.children.filter(\.spawn.isTakenBack).map(\.spawn.pid) + spawns.looks.map(\.pid)
        let kept = Set(spared.compactMap { processes[$0]?.pid } + takenBack)
        var found: Set<ProcessIdentity> = []
        var details: [ProcessDetail] = []
        for _ in 0..<Self.killRounds {
            let roots = Set(procfs.ownChildren() ?? []).union(processes.living.map(\.pid)).subtracting(kept)
            let new = walk(from: Array(roots), skipsMains: false).filter { !found.contains($0.identity) }
            if new.isEmpty { break }
            for process in new {
                found.insert(process.identity)
                // Of one that is killed /proc does not tell the command any more.
                if let detail = procfs.detail(of: process.pid) { details.append(detail) }
                send(.kill, to: process.identity)
            }
        }
        orphans = nil
        return details.sorted { $0.pid < $1.pid }
    }

    /// Sends a signal to the members of `tree` that are not in the process group of `leader`, which is not reaped. SIGCONT goes to
    /// those that got the signal before it in the same turn.
    func signal(membersOutsideGroupOf leader: Int32, of tree: ProcessTree, _ signal: Signal) {
        if signal == .cont, let lastOutside, lastOutside.leader == leader {
            for member in lastOutside.members { send(signal, to: member) }
            return
        }
        let members = livingMembers(of: tree, includesDoubtful: false).filter { $0.group != leader }.map(\.identity)
        for member in members { send(signal, to: member) }
        lastOutside = (leader, members)
    }

    private static let killRounds = 10

    // MARK: Finding

    /// The members, with or without those that may be another tree's.
    private func livingMembers(of tree: ProcessTree, includesDoubtful: Bool) -> [ProcStat] {
        let mark = TreeMark.of(tree)
        let leader = processes[pid: tree.leader]
        let leaderIsOurs = leader?.mark == mark
        // The number may belong to another service's main process by now, and name that one's session and group.
        let numberIsOurs = leader == nil || leaderIsOurs
        // Commands of the service lead sessions of their own; of one that was reaped the number may be anybody's.
        let mains = (leaderIsOurs ? [tree.leader] : []) + tree.companions.filter { processes[pid: $0]?.mark == mark }
        let leaders = numberIsOurs && !leaderIsOurs ? mains + [tree.leader] : mains
        var roots = mains
        for _ in 0..<Self.killRounds {
            guard let snapshot = currentOrphans() else { return leftoversWithoutProc(tree, numberIsOurs: numberIsOurs) }
            let own = snapshot.orphans.filter {
                includesDoubtful ? $0.mayBelong(to: mark, leaders: leaders) : $0.belongs(to: mark, leaders: leaders)
            }
            if own.isEmpty && roots.isEmpty { return [] }
            roots.append(contentsOf: own.map(\.stat.pid))
            let living = walk(from: roots, skipsMains: true)
            if !living.isEmpty || own.isEmpty { return living }
            // All have ended since: what they left behind is found by looking again.
            orphans = nil
            roots = mains
        }
        return []
    }

    /// The orphans as this turn sees them. Taken once a turn, so that a thousand services that ended together cost one list;
    /// whoever ended before this turn had left its orphans by then.
    private func currentOrphans() -> OrphanSnapshot? {
        if let orphans { return orphans }
        orphans = OrphanSnapshot.take(procfs, known: orphanMarks, isMain: { isOwn($0) })
        orphanMarks = orphans?.marks ?? [:]
        // What leaves is reaped, and that is told. Of the end of an execve(2) nobody tells.
        if orphans?.isPassing == true { loop.tellToLookAgain() }
        return orphans
    }

    /// The living among `roots` and all below them.
    private func walk(from roots: [Int32], skipsMains: Bool) -> [ProcStat] {
        let allChildren = procfs.readsLists ? nil : procfs.parents()
        var living: [ProcStat] = []
        var seen: Set<Int32> = []
        var waiting = roots.map { (pid: $0, parent: Int32?.none) }
        while let (pid, parent) = waiting.popLast() {
            // The roots' numbers are theirs until the daemon reaps them. Any other may have ended and be somebody else's since
            // the list was read: then its parent is another. (An orphan since then: found as one, next time.)
            guard seen.insert(pid).inserted, let stat = procfs.stat(pid), parent == nil || stat.parent == parent else {
                continue
            }
            if stat.isLiving { living.append(stat) }
            for child in allChildren.map({ $0[pid] ?? [] }) ?? procfs.children(of: stat) {
                if !skipsMains || !isOwn(child) { waiting.append((child, pid)) }
            }
        }
        return living.sorted { $0.pid < $1.pid }
    }

    /// Without /proc only the process group can be asked about.
    private func leftoversWithoutProc(_ tree: ProcessTree, numberIsOurs: Bool) -> [ProcStat] {
        guard numberIsOurs, kill(-tree.leader, 0) == 0 else { return [] }
        return [
            ProcStat(
                pid: tree.leader, state: UInt8(ascii: "?"), isLeaving: false, parent: ownPID, group: tree.leader,
                session: tree.leader,
                threads: 1, startTime: 0)
        ]
    }

    // MARK: Sending

    /// The pidfd holds on to whatever process has the number when it is opened; only then is it worth asking who that is.
    private func send(_ signal: Signal, to process: ProcessIdentity) {
        if let main = processes[pid: process.pid] {
            _ = supd_pidfd_signal(main.pidfd, signal.rawValue)
            return
        }
        let pidfd = supd_pidfd_open_briefly(process.pid)
        guard pidfd >= 0 else { return }
        defer { supd_close_briefly(pidfd) }
        guard procfs.stat(process.pid)?.startTime == process.startTime else { return }
        _ = supd_pidfd_signal(pidfd, signal.rawValue)
    }
}
