internal import CSupd
internal import Glibc

extension GroupFolder {
    /// Sends a signal to every process in it and below it, each by a pidfd: the process is one that was in the group
    /// after the pidfd was opened, so its number cannot have become another's.
    func signal(_ signal: Int32) {
        let opened = processes.map { (pid: $0, pidfd: supd_pidfd_open($0)) }
        let still = Set(processes)
        for (pid, pidfd) in opened where pidfd >= 0 {
            if still.contains(pid) { _ = supd_pidfd_signal(pidfd, signal) }
            closeDescriptor(pidfd)
        }
    }

    /// Kills every process in it and below it, those that are being born included (cgroup.kill, kernel 5.14). Where the kernel
    /// has no such file they are frozen first, so that they cannot multiply, and killed one by one, at most ten times over.
    func kill() {
        guard write("1", into: "cgroup.kill") != 0 else { return }
        killOneByOne()
    }

    private static let killRounds = 10

    /// What `kill` does without the kernel's file. A frozen process that is killed leaves all the same.
    func killOneByOne() {
        let isFrozen = write("1", into: "cgroup.freeze") == 0
        for _ in 0..<Self.killRounds where isPopulated == true { signal(SIGKILL) }
        if isFrozen { _ = write("0", into: "cgroup.freeze") }
    }
}
