internal import Glibc
internal import SupdPlugin

/// A signal that a process group was sent, and the rest of its tree was not yet.
struct OwedSignal {
    /// The leader of the group.
    let leader: ProcessHandle
    let tree: ProcessTree
    let signal: Signal
    /// Whether all of the tree, the group as well, is to be continued after it: one that is stopped does not see it before (signal(7)).
    var continues = false
    let since: MonotonicInstant
    /// The number that was given to a process last before it was sent.
    let lastNumber: Int32

    /// Whether a process of this number is one that it is for, as it was there before it; `last` is the number given last by now.
    /// Numbers go up, and begin anew after the highest: so many are not given in the time that a signal is owed for.
    func concerns(_ pid: Int32, last: Int32) -> Bool {
        lastNumber <= last ? pid <= lastNumber || pid > last : pid <= lastNumber && pid > last
    }
}

/// A signal to a tree goes to its leader's process group, and to whoever of the tree is elsewhere. Who that is a look at the control group, or
/// at the leader, shows, and that takes as long as half of all else of a stop: what /proc shows of a process the kernel has to make, and to throw
/// away when that is reaped. But most leaders end within a moment of a signal to stop. What they leave is found by the look at the tree that
/// whoever sent the signal takes then, and is his to signal (`StopProgress.treeSignaled`). So nobody is looked for but where the leader goes on,
/// as soon as nothing happens for a moment. Whoever was born since the signal, as what its handler has started, is none of those that it was for.
extension LinuxHost {
    /// For how many milliseconds nothing may have happened.
    static let quietBeforeOwed: Int32 = 1
    /// Where something always happens, they are sent after so long.
    private static let longestOwed = Duration.milliseconds(50)
    /// So many trees are looked at before the loop looks what has happened.
    private static let owedAtOnce = 32

    /// Sends a signal to the process group of a leader, and owes it to the rest of its tree. Nil, and nothing, where that may not be. False
    /// where it is gone.
    func signalOwing(
        _ leader: ProcessHandle, _ slot: ProcessSlots.Slot, _ tree: ProcessTree, _ signal: Signal
    ) -> Bool? {
        // One that leads no session may be in another group by now; and without the number nothing tells who was born since.
        guard slot.leadsSession, Self.mayBeOwed(signal), let lastNumber = procfs.lastNumber() else { return nil }
        let isThere = kill(-slot.pid, signal.rawValue) == 0 || errno != ESRCH
        owed.append(OwedSignal(leader: leader, tree: tree, signal: signal, since: now, lastNumber: lastNumber))
        lastSignalled = (slot.pid, false, [])
        return isThere
    }

    /// SIGKILL is for the group alone, and a signal that has a process leave a core (signal(7)) for each by itself, whatever becomes of the
    /// leader.
    private static func mayBeOwed(_ signal: Signal) -> Bool {
        switch signal.rawValue {
        case SIGKILL, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS: false
        default: true
        }
    }

    /// Owes it to the whole tree of `leader` to be continued, where that of another signal is owed last. False where it is not.
    func oweContinuation(to leader: ProcessHandle) -> Bool {
        guard let last = owed.indices.last, owed[last].leader == leader else { return false }
        owed[last].continues = true
        return true
    }

    /// Whether some are owed for as long as they may be.
    var owedAreOverdue: Bool { owed.first.map { now >= $0.since.advanced(by: Self.longestOwed) } ?? false }

    /// Sends what is overdue, and where it `isQuiet` also the rest, to so many trees; nothing to those whose leaders have ended.
    func sendOwed(isQuiet: Bool) {
        guard isQuiet || owedAreOverdue else { return }
        // What was seen in the turn that is over is older than the signals.
        orphans = nil
        for _ in 0..<Self.owedAtOnce where isQuiet || owedAreOverdue {
            guard let first = owed.popFirst() else { break }
            if let slot = processes[first.leader], !slot.endWasTold { send(first, elsewhereThan: slot) }
        }
        // Gives back the room of those that were.
        if owed.isEmpty { owed = [] }
    }

    private func send(_ owed: OwedSignal, elsewhereThan slot: ProcessSlots.Slot) {
        let members = membersElsewhere(slot, owed.tree)
        let last = procfs.lastNumber() ?? owed.lastNumber
        let concerned = members.filter { owed.concerns($0.pid, last: last) }
        send(owed.signal, to: concerned, of: owed.tree)
        guard owed.continues else { return }
        kill(-slot.pid, SIGCONT)
        send(.cont, to: concerned, of: owed.tree)
    }

    /// Who of a tree is not in the process group of its leader: of what its control group has, and of a leader that has left that, what is
    /// below it; or by descent.
    private func membersElsewhere(_ slot: ProcessSlots.Slot, _ tree: ProcessTree) -> [ProcessIdentity] {
        guard let group = group(of: tree), let pids = group.processes else {
            return members(outsideGroupOf: slot, of: tree)
        }
        if pids == [slot.pid] { return [] }
        let found = pids.compactMap { procfs.stat($0) }
        let left = pids.contains(slot.pid) ? [] : outsiders(below: slot.pid, inGroup: Set(pids))
        return (found + left).filter { $0.isLiving && $0.group != slot.pid }.map(\.identity)
    }
}
