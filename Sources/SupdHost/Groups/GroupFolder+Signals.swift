internal import CSupd
internal import Glibc

extension GroupFolder {
    /// Sends a signal to every process in it and below it, each by a pidfd: one that `held` has of a process that is not reaped, or one
    /// that is opened. Then the process is one that was in the group after that, so its number cannot have become another's. Answers
    /// whom it was sent to; nil where they could not all be found out, or reached.
    @discardableResult
    func signal(_ signal: Int32, held: (Int32) -> Int32? = { _ in nil }) -> Set<Int32>? {
        guard let processes else { return nil }
        var reached: Set<Int32> = []
        for pid in processes {
            guard let pidfd = held(pid) else { continue }
            _ = supd_pidfd_signal(pidfd, signal)
            reached.insert(pid)
        }
        var waiting = processes.filter { !reached.contains($0) }[...]
        while !waiting.isEmpty {
            let opened = waiting.prefix(Self.pidfdsAtOnce).map { (pid: $0, pidfd: supd_pidfd_open_briefly($0)) }
            waiting = waiting.dropFirst(Self.pidfdsAtOnce)
            let still = self.processes.map { Set($0) }
            for (pid, pidfd) in opened where pidfd >= 0 && still?.contains(pid) == true {
                _ = supd_pidfd_signal(pidfd, signal)
                reached.insert(pid)
            }
            for (_, pidfd) in opened { supd_close_briefly(pidfd) }
            if still == nil || opened.contains(where: { $0.pidfd < 0 && $0.pidfd != -ESRCH }) { return nil }
        }
        return reached
    }

    /// So many are held open together.
    private static let pidfdsAtOnce = 64

    /// Kills every process in it and below it, those that are being born included (cgroup.kill, kernel 5.14). Where the kernel
    /// has no such file they are frozen first, so that they cannot multiply, and killed one by one, at most ten times over. False
    /// where they could not be found out.
    @discardableResult
    func kill() -> Bool {
        if (try? write("1", into: "cgroup.kill")) != nil { return true }
        return killOneByOne()
    }

    private static let killRounds = 10

    /// What `kill` does without the kernel's file. A frozen process that is killed leaves all the same.
    @discardableResult
    func killOneByOne() -> Bool {
        let isFrozen = (try? write("1", into: "cgroup.freeze")) != nil
        defer { if isFrozen { try? write("0", into: "cgroup.freeze") } }
        for _ in 0..<Self.killRounds where !isProvedEmpty {
            guard signal(SIGKILL) != nil else { return false }
        }
        return true
    }
}
