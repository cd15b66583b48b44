import SupdEngine
import SupdHost
import SupdPlugin

/// Another process of a service becomes its main one (`MAINPID=`, sd_notify(3)): that of a program that has put itself into the
/// background, or has put its successor into its place. Its end is that of the service from then on, and the end of the former one is
/// nobody's affair; the tree stays one, and is gone when all of it is.
extension Supervisor {
    /// Why that cannot be; nil where it is so.
    func exchangeMain(of instance: InstanceID, for pid: Int32) -> String? {
        guard let running = roster[instance].running, let tree = tree(of: instance), pid != running.pid else {
            return nil
        }
        guard let before = running.process, !running.isReaped else { return "its main process has ended" }
        let process: ProcessHandle
        if let former = running.former?.process, running.former?.pid == pid {
            process = former
        } else if let adopted = host.adopt(pid, of: tree) {
            process = adopted
        } else {
            return "process \(pid) is none of the service, one of its commands, or gone"
        }
        roster[instance].running?.process = process
        roster[instance].running?.pid = pid
        processes.add(process, of: .main(instance))
        if let former = running.former {
            // What was started itself is never let go of: only its parent can collect it.
            host.letGo(before)
            processes.remove(before)
            if former.pid == pid { roster[instance].running?.former = nil }
        } else {
            roster[instance].running?.former = RunningInstance.FormerMain(process: before, pid: running.pid)
            processes.add(before, of: .former(instance))
        }
        logs.note(successor: pid, of: running.former?.pid ?? running.pid, instance)
        let name = name(of: instance)
        // Who changes it a thousand times a second is not to fill the log.
        log.write(
            running.former == nil ? .info : .debug,
            "\(name) says that its main process is \(pid) from now on, and \(running.pid) is not", about: name)
        act {
            $0.handle(
                .notified(attempt: running.attempt, .mainProcess(pid)), of: instance, now: $1, random: $2, into: &$3)
        }
        noteChange()
        return nil
    }

    /// What was started as the main process is reaped, after another has taken its place: that is no end of the service.
    func formerMainEnded(_ process: ProcessHandle, of instance: InstanceID) {
        processes.remove(process)
        if roster.find(instance)?.running?.former?.process == process {
            roster[instance].running?.former?.process = nil
            log.debug(
                "\(name(of: instance)): process \(roster[instance].running?.former?.pid ?? 0), which it had begun with, has ended"
            )
        }
        // What waits for its tree to be empty may have waited for this one.
        examineUnfinishedTrees()
    }
}
