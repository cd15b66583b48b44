internal import Glibc

/// The processes that carry the marks of an earlier daemon, with what they have brought into being.
struct MarkedProcesses {
    struct Found {
        var identity: ProcessIdentity
        /// The instance whose process it is.
        var instance: String
    }

    /// All of them, as the process table shows them now: those whose environment has a mark that begins with `token`, those
    /// in a session or process group with such a one, and everything below these. Not `excluded`.
    static func find(token: String, excluding excluded: Set<Int32>) -> [Found] {
        var stats: [Int32: ProcStat] = [:]
        var children: [Int32: [Int32]] = [:]
        for name in SmallFile.names(in: "/proc") ?? [] {
            guard let pid = Int32(name), let stat = ProcStat.read(pid) else { continue }
            stats[pid] = stat
            children[stat.parent, default: []].append(pid)
        }
        var instances: [Int32: String] = [:]
        for pid in stats.keys where !excluded.contains(pid) {
            if let instance = instance(of: pid, token: token) { instances[pid] = instance }
        }
        guard !instances.isEmpty else { return [] }
        let marked = instances
        // Nobody else can be in a session or a group that one of them leads.
        for (pid, stat) in stats where !excluded.contains(pid) && instances[pid] == nil {
            if let instance = marked[stat.session] ?? marked[stat.group] { instances[pid] = instance }
        }
        var waiting = Array(instances.keys)
        while let pid = waiting.popLast() {
            for child in children[pid] ?? [] where instances[child] == nil && !excluded.contains(child) {
                instances[child] = instances[pid]
                waiting.append(child)
            }
        }
        return instances.compactMap { pid, instance in
            stats[pid].flatMap { $0.isLiving ? Found(identity: $0.identity, instance: instance) : nil }
        }.sorted { $0.identity.pid < $1.identity.pid }
    }

    /// The instance in a process's mark, TOKEN.PID.STARTED.ATTEMPT.INSTANCE; nil where it has none of that token.
    private static func instance(of pid: Int32, token: String) -> String? {
        let prefix = "SUPD_INVOCATION=\(token)."
        guard let environment = SmallFile.read("/proc/\(pid)/environ") else { return nil }
        for variable in environment.split(separator: "\0") where variable.hasPrefix(prefix) {
            let parts = variable.dropFirst(prefix.count).split(separator: ".", maxSplits: 3)
            return parts.count == 4 ? String(parts[3]) : "?"
        }
        return nil
    }
}

extension ProcStat {
    /// What /proc says of a process; nil where it is gone.
    static func read(_ pid: Int32) -> ProcStat? {
        guard let text = SmallFile.read("/proc/\(pid)/stat") else { return nil }
        return Array(text.utf8).withUnsafeBytes { ProcStat(parsing: $0) }
    }
}
