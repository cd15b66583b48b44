internal import CSupd
internal import Glibc
package import SupdPlugin

/// Job control for a command that has the daemon's terminal (`supd run`): to the shell above, the two are one job.
extension LinuxHost {
    /// Whether others have a part in this process's job at its terminal: in a pipeline, or a script.
    package static var jobIsShared: Bool { supd_shares_job() != 0 }

    /// Tells that the process with the terminal was stopped; SIGCHLD says so as of an end (wait(2)).
    func tellStop(into events: inout [HostEvent]) {
        guard let holder = terminalHolder, let slot = processes[holder] else { return }
        let number = supd_pidfd_stop_signal(slot.pidfd)
        if number > 0, let signal = Signal(rawValue: number) { events.append(.stopped(holder, by: signal)) }
    }

    /// Goes on with the process that was given the terminal, after a stop of it once the daemon itself was stopped and continued.
    /// Nothing for a process that is reaped.
    ///
    /// What stops as a terminal stops it, Ctrl-Z, or reading from the background, is a job's matter. SIGSTOP is so where a shell
    /// waits for the daemon; elsewhere somebody has meant just that process, to look into it perhaps, and it stays stopped.
    package func continueJob(_ process: ProcessHandle, after stop: Signal?) {
        loop.thread.assertIsCurrent()
        guard let slot = processes[process] else { return }
        if let stop {
            if stop.rawValue == SIGSTOP, supd_is_job() == 0 { return }
            supd_terminal_take_back(slot.pid)
            supd_stop_as_job()
            refreshNow()
        }
        guard slot.leadsGroup else { return goOn(with: slot) }
        supd_terminal_lend(slot.pid)
        kill(-slot.pid, SIGCONT)
    }

    /// Goes on with one that is in the daemon's own process group. The terminal's next Ctrl-Z may have come to both in the meantime, and what
    /// it has stopped was made to go on then: it stops again, and the daemon with it.
    private func goOn(with slot: ProcessSlots.Slot) {
        while true {
            _ = supd_pidfd_signal(slot.pidfd, SIGCONT)
            if supd_stop_waits() == 0 { return }
            supd_stop_as_job()
            refreshNow()
        }
    }
}
