internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// Collects the status of a process that `.exited` was told of, once. Nil where it has not ended, or was reaped before.
    package func reap(_ process: ProcessHandle) -> ProcessStatus? {
        loop.thread.assertIsCurrent()
        guard let slot = processes[process] else { return nil }
        var status = supd_wait_status()
        // From the reaping on its number may be another's.
        supd_deadline_forget_process(process.slot)
        let result = supd_pidfd_reap(slot.pidfd, &status)
        if result == 0 {
            supd_deadline_keep_process(process.slot, slot.leadsGroup ? slot.pid : 0, slot.pidfd)
            // It has ended and is not to be had: a zombie that a tracer holds is the tracer's until that lets go or ends (ptrace(2)),
            // while its pidfd stays readable. To watch that again at once would be to do nothing else.
            if slot.endWasTold {
                processes.setEndWasTold(process, false)
                loop.tellOfProcess(process, after: Self.pause(afterVainReaps: processes.noteVainReap(process)))
            }
            return nil
        }
        // Its orphans came to the daemon when it ended. What was looked at before that does not have them.
        if !slot.endWasTold { orphans = nil }
        if slot.vainReaps > 0 { loop.forgetProcess(process) }
        processes.remove(process)
        closeDescriptor(slot.pidfd)
        if process == terminalHolder {
            // Whoever started the daemon, or is run next, reads from it again.
            supd_terminal_take_back(slot.pid)
            terminalHolder = nil
            loop.leavesTerminalSignals = false
        }
        let baseline = outOfMemoryBaselines.isEmpty ? nil : outOfMemoryBaselines.removeValue(forKey: process)
        // ECHILD: its own parent, a debugger, or code of a plugin's has collected it, or will. That it ended is known, how is not.
        guard result == 1 else { return .unknown }
        guard status.signaled != 0, let signal = Signal(rawValue: status.code) else {
            return .exited(code: status.code)
        }
        if signal == .kill, baseline?.isExceeded == true { return .outOfMemory }
        return .signaled(signal, coreDumped: status.core_dumped != 0)
    }

    /// How long an end that could not be collected so many times in a row is left alone: 10 ms, doubling up to 5 s. Where the tracer
    /// lets go, SIGCHLD says so and it is told at once.
    static func pause(afterVainReaps count: Int) -> Duration {
        min(.milliseconds(10) * (1 << min(max(count, 1) - 1, 10)), .seconds(5))
    }

    /// Sends a signal to one process, by pidfd. False where it is gone.
    @discardableResult
    package func signal(_ process: ProcessHandle, _ signal: Signal) -> Bool {
        loop.thread.assertIsCurrent()
        guard let slot = processes[process] else { return false }
        return supd_pidfd_signal(slot.pidfd, signal.rawValue) != -ESRCH
    }

    /// Sends a signal to the process group that `process` leads, and where that goes on a moment later to whoever of `tree` is elsewhere
    /// (`signalOwing`). Where nothing may be owed, to the whole control group of `tree`, or without one to the process group and to each
    /// member of the tree outside it; each by itself where it leads none. All as long as `process` is not reaped. False where it is
    /// gone.
    ///
    /// Until it is reaped its number, and with it the group's, belongs to nobody else (credentials(7)). SIGKILL goes to the group
    /// alone: `signalTree` repeats that one until nothing new is found. SIGCONT goes to those that the signal before it went to, where
    /// that was in the same turn.
    @discardableResult
    package func signalGroup(
        _ process: ProcessHandle, of tree: @autoclosure () -> ProcessTree, _ signal: Signal
    ) -> Bool {
        loop.thread.assertIsCurrent()
        guard let slot = processes[process] else { return false }
        if signal == .cont, let isThere = signalAgain(process, slot) { return isThere }
        let tree = tree()
        if let isThere = signalOwing(process, slot, tree, signal) { return isThere }
        if let group = group(of: tree), send(signal, toGroup: group, andMain: slot) { return true }
        if !slot.leadsGroup, signal != .kill { signalTree(tree, signal) }
        if !slot.leadsGroup { return supd_pidfd_signal(slot.pidfd, signal == .kill ? signal.rawValue : 0) != -ESRCH }
        // They are looked for before: a leader that dies of the signal at once leaves its children to the daemon, and no look of this turn's
        // has them as orphans; and what its handler starts meanwhile, to clean up, is not to be shot at.
        let outside = signal == .kill ? nil : members(outsideGroupOf: slot, of: tree)
        let isThere = kill(-slot.pid, signal.rawValue) == 0 || errno != ESRCH
        if let outside {
            send(signal, to: outside, of: tree)
            lastSignalled = (slot.pid, false, outside)
        }
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
            let main = processes[pid: pid]
            if let main, main.vainReaps > 0, !main.endWasTold, let handle = processes.handle(pid: pid) {
                // It could not be collected before, and now it can.
                processes.setEndWasTold(handle, true)
                events.append(.exited(handle))
                return
            }
            // Of a child on its way to its program the end is told with its spawn.
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
            guard supd_pid_reap(pid, &status) == 1 else {
                // Shown, and not to be had: a tracer has taken hold of it in between. Asked again at once it would be shown again.
                orphansMayHaveEnded = false
                loop.tellToLookAgain()
                return
            }
            reaped += 1
        }
    }

    /// Whether that number is of a process that the daemon has started itself: no orphan.
    func isOwn(_ pid: Int32) -> Bool { processes.contains(pid: pid) || spawns.isChild(pid) }

    private func reapUnknownChildren(atMost limit: Int) -> Int {
        var reaped = 0
        var status = supd_wait_status()
        // The whole list first: reaping while it is read would move what is not read yet.
        guard let children = procfs.ownChildren() else {
            loop.tellToLookAgain()
            return 0
        }
        for pid in children where reaped < limit && !isOwn(pid) {
            if supd_pid_reap(pid, &status) == 1 { reaped += 1 }
        }
        return reaped
    }
}
