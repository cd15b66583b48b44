internal import CSupd
internal import Glibc
public import SupdPlugin

extension LinuxHost {
    /// Collects the status of a process that `.exited` was told of, once. Nil where it has not ended, or was reaped before.
    public func reap(_ process: ProcessHandle) -> ProcessStatus? {
        guard let slot = processes[process] else { return nil }
        var status = supd_wait_status()
        let result = supd_pidfd_reap(slot.pidfd, &status)
        if result == 0 {
            // Not ended after all: its end is told again when it comes.
            if slot.endWasTold {
                processes.setEndWasTold(process, false)
                _ = loop.watchProcess(slot.pidfd, process, again: true)
            }
            return nil
        }
        // Its orphans came to the daemon when it ended. What was looked at before that does not have them.
        if !slot.endWasTold { orphans = nil }
        processes.remove(process)
        closeDescriptor(slot.pidfd)
        if process == terminalHolder {
            // Whoever started the daemon, or is run next, reads from it again.
            supd_terminal_take_back(slot.pid)
            terminalHolder = nil
        }
        let baseline = outOfMemoryBaselines.isEmpty ? nil : outOfMemoryBaselines.removeValue(forKey: process)
        // ECHILD: a debugger, or code of a plugin's, has collected it. That it ended is known, how is not.
        guard result == 1 else { return .exited(code: 255) }
        guard status.signaled != 0, let signal = Signal(rawValue: status.code) else {
            return .exited(code: status.code)
        }
        if signal == .kill, baseline?.isExceeded == true { return .outOfMemory }
        return .signaled(signal, coreDumped: status.core_dumped != 0)
    }

    /// Sends a signal to one process, by pidfd. False where it is gone.
    @discardableResult
    public func signal(_ process: ProcessHandle, _ signal: Signal) -> Bool {
        guard let slot = processes[process] else { return false }
        return supd_pidfd_signal(slot.pidfd, signal.rawValue) != -ESRCH
    }

    /// Sends a signal to the whole control group of `tree`, or without one to the process group that `process` leads and then to
    /// each member of the tree outside it, as long as `process` is not reaped. False where it is gone.
    ///
    /// Until it is reaped its number, and with it the group's, belongs to nobody else (credentials(7)). SIGKILL goes to the group
    /// alone: `signalTree` repeats that one until nothing new is found.
    @discardableResult
    public func signalGroup(_ process: ProcessHandle, of tree: ProcessTree, _ signal: Signal) -> Bool {
        guard let slot = processes[process] else { return false }
        if let group = group(of: tree), send(signal, toGroup: group) { return true }
        let isThere = kill(-slot.pid, signal.rawValue) == 0 || errno != ESRCH
        if signal != .kill { self.signal(membersOutsideGroupOf: slot.pid, of: tree, signal) }
        return isThere
    }

    // MARK: Orphans

    /// The most that are reaped in one turn.
    private static let orphansPerTurn = 256
    /// How many turns in a row may leave the orphans for later because main processes end that were not told yet.
    private static let orphanDeferralsMaximum = 8

    /// Reaps adopted processes that have ended, up to 256 of them, and never a main process: that one's status belongs
    /// to `reap`.
    ///
    /// waitid(2) shows some child that has ended, again and again the same one until that is reaped. Where that is a main
    /// process, the orphans behind it are found by the list of all children; but as that costs as much as there are
    /// children, and main processes that ended together are all reaped within a few turns, a few turns are waited first.
    func reapOrphans(into events: inout [HostEvent]) {
        var reaped = 0
        defer { if reaped > 0 { events.append(.adoptedReaped(reaped)) } }
        while reaped < Self.orphansPerTurn {
            let pid = supd_peek_ended_child()
            guard pid > 0 else {
                orphansMayHaveEnded = false
                orphanDeferrals = 0
                return
            }
            // Of a child on its way to its program the end is told with its spawn.
            let main = processes[pid: pid]
            if main != nil || spawns.isChild(pid) {
                if main?.endWasTold != true, orphanDeferrals < Self.orphanDeferralsMaximum {
                    orphanDeferrals += 1
                    return
                }
                orphanDeferrals = 0
                reaped += reapUnknownChildren(atMost: Self.orphansPerTurn - reaped)
                orphansMayHaveEnded = reaped >= Self.orphansPerTurn
                return
            }
            var status = supd_wait_status()
            if supd_pid_reap(pid, &status) == 1 { reaped += 1 }
        }
    }

    /// Whether that number is of a process that the daemon has started itself: no orphan.
    func isOwn(_ pid: Int32) -> Bool { processes.contains(pid: pid) || spawns.isChild(pid) }

    private func reapUnknownChildren(atMost limit: Int) -> Int {
        var reaped = 0
        var status = supd_wait_status()
        // The whole list first: reaping while it is read would move what is not read yet.
        for pid in procfs.ownChildren() ?? [] where reaped < limit && !isOwn(pid) {
            if supd_pid_reap(pid, &status) == 1 { reaped += 1 }
        }
        return reaped
    }
}
