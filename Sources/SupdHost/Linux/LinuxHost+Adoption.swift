internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// Takes hold of a process of `tree` that it has not started itself, by a pidfd.
    package func adopt(_ process: Int32, of tree: ProcessTree, invocation: String) -> AdoptionAnswer {
        loop.thread.assertIsCurrent()
        guard !isOwn(process) else { return .refused }
        let pidfd = supd_pidfd_open(process)
        guard pidfd >= 0 else {
            guard ErrorNumber(-pidfd).isWant else { return .refused }
            loop.tellToLookAgain()
            return .unclear
        }
        // The number is that of what the pidfd holds for as long as that is there.
        let membership = membership(of: process, in: tree)
        guard membership == .member, supd_pidfd_signal(pidfd, 0) != -ESRCH else {
            closeDescriptor(pidfd)
            return membership == .unclear ? .unclear : .refused
        }
        let handle = processes.insert(
            pid: process, pidfd: pidfd, mark: tree.mark, isAdopted: true, leadsGroup: false)
        supd_deadline_keep_process(handle.slot, 0, pidfd)
        // Until now it may have counted as one.
        orphans = nil
        guard loop.watchProcess(pidfd, handle) == 0 else {
            letGo(handle)
            return .refused
        }
        noteLeader(process, startedAt: procfs.stat(process)?.startTime, invocation: invocation)
        if let baseline = group(of: tree).flatMap(OutOfMemoryBaseline.init) { outOfMemoryBaselines[handle] = baseline }
        return .adopted(handle)
    }

    /// Lets go of a process that was adopted.
    package func letGo(_ process: ProcessHandle) {
        loop.thread.assertIsCurrent()
        guard let slot = processes[process], slot.isAdopted else { return }
        supd_deadline_forget_process(process.slot)
        if slot.vainReaps > 0 { loop.forgetProcess(process) }
        processes.remove(process)
        closeDescriptor(slot.pidfd)
        outOfMemoryBaselines[process] = nil
        orphans = nil
        // Where it has ended it is an orphan to be reaped.
        orphansMayHaveEnded = true
    }
}
