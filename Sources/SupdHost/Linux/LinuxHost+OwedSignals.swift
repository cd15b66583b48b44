internal import Glibc
internal import SupdPlugin

/// What a process group was sent, and the rest of its tree was not yet.
struct OwedSignals {
    /// The leader of the group.
    let leader: ProcessHandle
    let tree: ProcessTree
    /// In their order.
    var signals: [Signal]
    let since: MonotonicInstant
    /// The number that was given to a process last before the first of them was sent.
    let lastNumber: Int32

    /// Whether a process of this number is one that they are for, as it was there before them; `last` is the number given last by now.
    /// Numbers go up, and begin anew after the highest: so many are not given in the time that signals are owed for.
    func concern(_ pid: Int32, last: Int32) -> Bool {
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
        owed.append(OwedSignals(leader: leader, tree: tree, signals: [signal], since: now, lastNumber: lastNumber))
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

    /// The group was sent another one right after the last that is owed.
    func oweAlso(_ signal: Signal, to leader: ProcessHandle) {
        guard let last = owed.indices.last, owed[last].leader == leader else { return }
        owed[last].signals.append(signal)
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

    private func send(_ owed: OwedSignals, elsewhereThan slot: ProcessSlots.Slot) {
        let members = membersElsewhere(slot, owed.tree)
        let last = procfs.lastNumber() ?? owed.lastNumber
        let concerned = members.filter { owed.concern($0.pid, last: last) }
        for signal in owed.signals { send(signal, to: concerned, of: owed.tree) }
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
