internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// The processes that `tree` still has; zombies do not count. Empty means proved gone.
    ///
    /// Whatever a service starts stays below the daemon: its parents, up to the main process, or, where one of them has
    /// ended, the daemon itself, which adopts orphans. So a tree is its main process until that ends, the orphans that
    /// belong to it (by session, process group, or the mark in the environment), and the descendants of all these. Other main
    /// processes are nobody's orphans, so another service's tree is never among them.
    ///
    /// Where the tree has a control group, it is what that group has. Whoever has left it (pam_systemd, runc and cgexec move processes)
    /// is looked for as well: the main process until it is reaped, what is below it while it is elsewhere, and, once the group is
    /// empty, orphans with the tree's mark.
    package func look(at tree: ProcessTree, isEnding: Bool) -> TreeLook {
        loop.thread.assertIsCurrent()
        if let group = group(of: tree) { return look(atGroup: group, of: tree, isEnding: isEnding) }
        return lookByDescent(at: tree)
    }

    /// The same for several trees of one service, each with its members: what is in their common group and shows none of their marks is
    /// the last one's.
    package func look(at trees: [ProcessTree]) -> [TreeLook] {
        loop.thread.assertIsCurrent()
        guard trees.count > 1, currentOrphans() != nil else { return trees.map { look(at: $0) } }
        var found = trees.map(lookByDescent)
        var known = Set(found.map(\.members).joined())
        var seen: Set<String> = []
        for (place, tree) in trees.enumerated().reversed() {
            guard let name = tree.group, seen.insert(name).inserted, let group = group(of: tree) else { continue }
            guard let members = members(ofGroup: group) else {
                found[place] = TreeLook(members: found[place].members, isWhole: notLooked().isWhole)
                continue
            }
            let others = members.map(\.pid).filter { known.insert($0).inserted }
            found[place].members = (found[place].members + others).sorted()
        }
        return found
    }

    /// The first `limit` processes of a tree, and how many more there are at least; nil where that could not be found out. For a person to
    /// look at: it proves nothing.
    package func processes(of tree: ProcessTree, atMost limit: Int) -> (pids: [Int32], more: Int)? {
        loop.thread.assertIsCurrent()
        if let group = group(of: tree) {
            guard let pids = group.processes else { return nil }
            let inGroup = Set(pids)
            let outside = outsiders(of: tree, inGroup: inGroup, includesOrphans: inGroup.isEmpty).map(\.pid)
            let all = (inGroup + outside).sorted()
            return (Array(all.prefix(limit)), max(0, all.count - limit))
        }
        guard let found = livingMembers(of: tree, atMost: limit) else { return nil }
        // Nothing was seen, and that proves nothing.
        if found.members.isEmpty, !found.isCertain || procfs.wasBlind { return nil }
        return (found.members.prefix(limit).map(\.pid), max(0, found.members.count - limit) + found.more)
    }

    /// Sends a signal to every member of `tree`, each by a pidfd whose identity was checked after it was opened.
    /// SIGKILL is repeated until no new members are found, at most ten times.
    package func signalTree(_ tree: ProcessTree, _ signal: Signal) {
        loop.thread.assertIsCurrent()
        if let group = group(of: tree) {
            let reached = signal == .kill ? nil : group.signal(signal.rawValue)
            if signal == .kill { group.kill() }
            let inGroup = reached ?? Set(group.processes ?? [])
            for process in outsiders(of: tree, inGroup: inGroup, includesOrphans: true) {
                send(signal, to: process.identity)
            }
            signalLater(tree, signal, reached: inGroup)
            return
        }
        var done: Set<ProcessIdentity> = []
        // A process that has a SIGKILL waiting forks no more, so every round is left with fewer; of another signal a handler
        // may well start what cleans up, and that is not to be shot at.
        for round in 0..<(signal == .kill ? Self.killRounds : 1) {
            // What is killed is looked at again in any case.
            if signal != .kill || round > 0 { orphans = nil }
            let members = livingMembers(of: tree)?.members ?? []
            signalLater(tree, signal)
            let new = members.filter { !done.contains($0.identity) }
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
    package func killAllDescendants(sparing spared: [ProcessHandle], describing: Bool) -> KilledDescendants {
        loop.thread.assertIsCurrent()
        // Whom nobody can look at is not reached, and after this nobody looks again.
        supd_raise_lowered_descriptor_limit()
        // Of a child that has not come to its program and was told to end there is nothing more to tell.
        let takenBack = spawns.children.filter(\.spawn.isTakenBack).map(\.spawn.pid) + spawns.looks.map(\.pid)
        let kept = Set(spared.compactMap { processes[$0]?.pid } + takenBack)
        var found: Set<ProcessIdentity> = []
        var result = KilledDescendants()
        for _ in 0..<Self.killRounds {
            procfs.wasBlind = false
            // Where the list of children cannot be read, everybody's parent can, perhaps.
            let children = procfs.ownChildren() ?? procfs.parents()?[ownPID]
            let roots = Set(children ?? []).union(started).subtracting(kept)
            let new = walk(from: Array(roots), skipsMains: false).filter { !found.contains($0.identity) }
            result.isWhole = children != nil && !procfs.wasBlind
            if new.isEmpty, result.isWhole { break }
            // Of one that is killed /proc does not tell the command any more.
            if describing { result.processes += details(of: new, within: ProcessLooks.turnLimit) }
            for process in new {
                found.insert(process.identity)
                send(.kill, to: process.identity)
            }
        }
        orphans = nil
        // Who could not be looked at is a child at least, now or once its parents are gone.
        for _ in 0..<Self.killRounds where !result.isWhole && spared.isEmpty {
            guard supd_kill_children() > 0 else { break }
            usleep(2000)
        }
        result.processes.sort { $0.pid < $1.pid }
        return result
    }

    /// The members of `tree` that are not in the process group of the leader in `slot`, which is not reaped.
    func members(outsideGroupOf slot: ProcessSlots.Slot, of tree: ProcessTree) -> [ProcessIdentity] {
        guard !isWholeTree(slot, of: tree) else { return [] }
        return (livingMembers(of: tree)?.members ?? []).filter { $0.group != slot.pid }.map(\.identity)
    }

    /// Sends a signal to these of a tree, and later to those who turn out to be of it.
    func send(_ signal: Signal, to members: [ProcessIdentity], of tree: ProcessTree) {
        for member in members { send(signal, to: member) }
        signalLater(tree, signal)
    }

    /// Whether a main process is all there is of its tree, by two looks that cost less than one at the process: it has no children, and
    /// nobody is adopted. False where it is not as simple as that.
    private func isWholeTree(_ slot: ProcessSlots.Slot, of tree: ProcessTree) -> Bool {
        guard slot.leadsSession, tree.leader == slot.pid, tree.companions.isEmpty, let orphans = currentOrphans() else {
            return false
        }
        return orphans.isWhole && orphans.orphans.isEmpty && procfs.isAlone(slot.pid)
    }

    /// Continues those that a signal went to last, in the same turn, or goes to once their leader goes on. Nil where that was another's tree.
    func signalAgain(_ process: ProcessHandle, _ slot: ProcessSlots.Slot) -> Bool? {
        guard let lastSignalled, lastSignalled.leader == slot.pid else { return nil }
        if lastSignalled.isAlone { return supd_pidfd_signal(slot.pidfd, SIGCONT) != -ESRCH }
        if oweContinuation(to: process) { return true }
        let isThere = kill(-slot.pid, SIGCONT) == 0 || errno != ESRCH
        for member in lastSignalled.members { send(.cont, to: member) }
        return isThere
    }

    private static let killRounds = 10

    /// The processes that the daemon has started itself and not reaped, those on their way to their programs included. The list of the
    /// first thread's children has them only where that one starts programs (`LoopThread.run`).
    var started: [Int32] { processes.living.map(\.pid) + spawns.children.map(\.spawn.pid) }

    // MARK: Finding

    private func lookByDescent(at tree: ProcessTree) -> TreeLook {
        procfs.wasBlind = procfs.wasBlind || orphans?.isWhole == false
        guard let found = livingMembers(of: tree) else { return notLooked() }
        let isWhole = found.isCertain && !procfs.wasBlind
        if !isWhole { loop.tellToLookAgain() }
        return TreeLook(members: found.members.map(\.pid), isWhole: isWhole)
    }

    /// Nothing was seen, and that proves nothing: there is another look soon.
    func notLooked() -> TreeLook {
        loop.tellToLookAgain()
        return TreeLook(members: [], isWhole: false)
    }

    /// The members of a tree by descent, and whether those are all. Nil where nothing could be looked at.
    /// `limit` members are enough; `more` were not looked at.
    func livingMembers(
        of tree: ProcessTree, atMost limit: Int = .max
    ) -> (members: [ProcStat], more: Int, isCertain: Bool)? {
        let mark = tree.mark
        let leader = processes[pid: tree.leader]
        let leaderIsOurs = leader?.mark == mark
        // The number may belong to another service's main process by now, and name that one's session and group.
        let numberIsOurs = leader == nil || leaderIsOurs
        // Commands of the service lead sessions of their own; of one that was reaped the number may be anybody's.
        let mains = (leaderIsOurs ? [tree.leader] : []) + tree.companions.filter { processes[pid: $0]?.mark == mark }
        let leaders = numberIsOurs && !leaderIsOurs ? mains + [tree.leader] : mains
        var roots = mains
        for _ in 0..<Self.killRounds {
            guard let snapshot = currentOrphans() else {
                return procfs.isThere ? nil : (leftoversWithoutProc(tree, numberIsOurs: numberIsOurs), 0, true)
            }
            let own = snapshot.orphans.filter { $0.belongs(to: mark, leaders: leaders) }
            let isCertain = snapshot.isCertain(for: mark, leaders: leaders)
            if own.isEmpty && roots.isEmpty { return ([], 0, isCertain) }
            roots.append(contentsOf: own.map(\.stat.pid))
            let (living, more) = walk(from: roots, skipsMains: true, atMost: limit)
            if !living.isEmpty || own.isEmpty && snapshot.isLater(thanThoseOf: mains) {
                return (living, more, isCertain)
            }
            // All have ended since, or a main process has that is not reaped: what they left behind is found by looking again.
            orphans = nil
            if own.isEmpty {
                _ = currentOrphans()
                orphans?.ends = snapshot.ends.union(mains)
            }
            roots = mains
        }
        // So many, one after the other, are a tree that lives.
        return ([], 0, false)
    }

    /// The orphans as this turn sees them. Taken once a turn, so that a thousand services that ended together cost one list;
    /// whoever ended before this turn had left its orphans by then.
    private func currentOrphans() -> OrphanSnapshot? {
        if let orphans { return orphans }
        let snapshot = OrphanSnapshot.take(procfs, looks, now: loop.now, isMain: { isOwn($0) })
        orphans = snapshot
        guard let snapshot else { return nil }
        for process in snapshot.givenUp {
            unreadable.append(contentsOf: details(of: [process], within: .zero))
        }
        sendLateSignals(snapshot)
        // What leaves is reaped, and that is told. Of the end of an execve(2), or of a look, nobody tells.
        if snapshot.hasDoubt { loop.tellToLookAgain() }
        return snapshot
    }

    /// Whether nothing follows from not having seen a process: nobody could be looked at, or it is, or is below, an orphan that hides its
    /// mark, and not for long. There is another look.
    func mayBeAnybodys(_ process: Int32) -> Bool {
        guard procfs.isThere, procfs.mayLive(process) else { return false }
        if procfs.wasBlind || currentOrphans()?.isWhole != true {
            loop.tellToLookAgain()
            return true
        }
        let doubtful = (currentOrphans()?.doubtful ?? []).map(\.pid)
        return !doubtful.isEmpty && walk(from: doubtful, skipsMains: true).contains { $0.pid == process }
    }

    /// The living among `roots` and all below them.
    private func walk(from roots: [Int32], skipsMains: Bool) -> [ProcStat] {
        walk(from: roots, skipsMains: skipsMains, atMost: .max).living
    }

    /// The same up to `limit`, and how many that are known were not looked at.
    private func walk(
        from roots: [Int32], skipsMains: Bool, atMost limit: Int
    ) -> (living: [ProcStat], more: Int) {
        let allChildren = procfs.readsLists ? nil : procfs.parents()
        var living: [ProcStat] = []
        var seen: Set<Int32> = []
        var waiting = roots.map { (pid: $0, parent: Int32?.none) }
        while living.count < limit, let (pid, parent) = waiting.popLast() {
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
        return (living.sorted { $0.pid < $1.pid }, waiting.count)
    }

    /// Without /proc only the process group can be asked about.
    private func leftoversWithoutProc(_ tree: ProcessTree, numberIsOurs: Bool) -> [ProcStat] {
        // EPERM: they are there, and another user's.
        guard numberIsOurs, tree.leader > 0, kill(-tree.leader, 0) == 0 || errno == EPERM else { return [] }
        return [
            ProcStat(
                pid: tree.leader, state: UInt8(ascii: "?"), isLeaving: false, parent: ownPID, group: tree.leader,
                session: tree.leader,
                threads: 1, startTime: 0)
        ]
    }

    // MARK: Outside of a group

    /// Processes of a tree that are not in its control group: its main process and what is below it, until that is reaped and where it
    /// has moved; and, where they are asked for, orphans that show the tree's mark.
    func outsiders(of tree: ProcessTree, inGroup: Set<Int32>, includesOrphans: Bool) -> [ProcStat] {
        let mark = tree.mark
        let roots = ([tree.leader] + tree.companions).filter {
            processes[pid: $0]?.mark == mark && !inGroup.contains($0)
        }
        for _ in 0..<Self.killRounds {
            let orphans = includesOrphans ? markedOrphans(mark) : []
            if roots.isEmpty, orphans.isEmpty { return [] }
            let living = walk(from: roots + orphans, skipsMains: true)
            if !living.isEmpty || orphans.isEmpty { return living.filter { !inGroup.contains($0.pid) } }
            // All have ended since: what they left behind is found by looking again.
            self.orphans = nil
        }
        // So many, one after the other, are a tree that lives.
        procfs.wasBlind = true
        return []
    }

    private func markedOrphans(_ mark: TreeMark) -> [Int32] {
        (currentOrphans()?.orphans ?? []).filter { $0.mark == .mark(mark) }.map(\.stat.pid)
    }

    /// A leader that has left its control group, and what is below it, as far as that is not in the group.
    func outsiders(below leader: Int32, inGroup: Set<Int32>) -> [ProcStat] {
        walk(from: [leader], skipsMains: true).filter { !inGroup.contains($0.pid) }
    }

    // MARK: Sending

    /// A signal of a tree, and who could not be looked at when that got it: whoever of these turns out to be of it gets it, too.
    struct LateSignal {
        let signal: Signal
        var owed: Set<ProcessIdentity>
    }

    /// Who is in `reached` has it.
    private func signalLater(_ tree: ProcessTree, _ signal: Signal, reached: Set<Int32> = []) {
        let owed = (orphans?.doubtful ?? []).filter { !reached.contains($0.pid) }.map(\.identity)
        if owed.isEmpty { return }
        let known = lateSignals[tree.mark, default: []]
        if let last = known.indices.last, known[last].signal == signal {
            lateSignals[tree.mark]?[last].owed.formUnion(owed)
        } else {
            lateSignals[tree.mark] = known + [LateSignal(signal: signal, owed: Set(owed))]
        }
    }

    /// Sends what waits for that, where it is known by now whose the orphans are.
    func sendLateSignals() {
        if !lateSignals.isEmpty { _ = currentOrphans() }
    }

    private func sendLateSignals(_ snapshot: OrphanSnapshot) {
        doubtful = Set(snapshot.doubtful.map(\.identity))
        if lateSignals.isEmpty { return }
        for orphan in snapshot.orphans {
            guard case .mark(let mark) = orphan.mark else { continue }
            for late in lateSignals[mark] ?? [] where late.owed.contains(orphan.stat.identity) {
                send(late.signal, to: orphan.stat.identity)
            }
        }
        // Of the others it is known whose they are, or they are gone.
        for (mark, signals) in lateSignals {
            let left = signals.map { LateSignal(signal: $0.signal, owed: $0.owed.intersection(doubtful)) }
            lateSignals[mark] = left.contains { !$0.owed.isEmpty } ? left : nil
        }
    }

    /// The pidfd holds on to whatever process has the number when it is opened; only then is it worth asking who that is.
    func send(_ signal: Signal, to process: ProcessIdentity) {
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
