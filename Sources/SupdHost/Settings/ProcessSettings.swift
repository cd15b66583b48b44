internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Gives processes what has changed of their settings, one after the other, up to a number of them.
///
/// The kernel takes the number of a process for this, and no pidfd. Numbers are handed out in turn (pid_max is 32,768 at least), so
/// one that was the process's a moment before is not another's yet.
struct ProcessSettings {
    let change: TreeSettingsChange
    let procfs: ProcFiles
    private(set) var problems = TreeSettingProblems()
    /// So many were left as they are, or in part.
    private(set) var leftOut = 0
    private var done: Set<ProcessIdentity> = []
    private var threadsLeft: Int
    private let processLimit: Int

    /// The most processes and threads that one change is applied to: some hundred milliseconds' worth.
    static let mostProcesses = 4096
    static let mostThreads = 16_384
    /// How often threads are looked for that were started since the last look.
    private static let threadRounds = 3

    init(
        _ change: TreeSettingsChange, procfs: ProcFiles, processLimit: Int = mostProcesses,
        threadLimit: Int = mostThreads
    ) {
        self.change = change
        self.procfs = procfs
        self.processLimit = processLimit
        threadsLeft = threadLimit
    }

    /// Goes on with those of `processes` that it was not applied to yet. Whether there were any.
    mutating func apply(to processes: [ProcStat]) -> Bool {
        let new = processes.filter { !done.contains($0.identity) }
        let room = max(0, processLimit - done.count)
        leftOut += max(0, new.count - room)
        for process in new.prefix(room) {
            done.insert(process.identity)
            guard let now = procfs.stat(process.pid), now.identity == process.identity, now.isLiving else { continue }
            apply(to: process.pid)
        }
        return !new.isEmpty && new.count <= room
    }

    private mutating func apply(to pid: Int32) {
        for limit in change.limits { set(limit, of: pid) }
        if let score = change.oomScoreAdjust { note("oom_score_adjust", Self.write(score, toScoreOf: pid), pid) }
        if let nice = change.nice { setNice(Int32(clamping: nice), of: pid) }
    }

    /// Without CAP_SYS_RESOURCE, which containers seldom have, nobody raises a hard limit: a process that runs gets what is below its own then.
    private mutating func set(_ limit: ResourceLimit, of pid: Int32) {
        var wanted = supd_limit(resource: limit.resource, soft: limit.soft, hard: limit.hard)
        let error = supd_limit_set(pid, &wanted)
        guard error == -EPERM else { return note(limit.name, error, pid) }
        var found = wanted
        guard supd_limit_get(pid, &found) == 0 else {
            return note(limit.name, error, pid, hint: "without CAP_SYS_RESOURCE it takes a restart")
        }
        var nearest = supd_limit(resource: limit.resource, soft: min(wanted.soft, found.hard), hard: found.hard)
        if wanted.hard < found.hard { nearest.hard = wanted.hard }
        let isNearest = supd_limit_set(pid, &nearest) == 0
        let has = isNearest ? nearest : found
        let text = "\(Self.text(has.soft)):\(Self.text(has.hard))"
        note(
            limit.name, error, pid,
            hint: "it has \(text), and without CAP_SYS_RESOURCE it takes a restart to raise that")
    }

    private static func text(_ value: UInt64) -> String { value == .max ? "infinity" : String(value) }

    /// Niceness is each thread's own.
    private mutating func setNice(_ nice: Int32, of pid: Int32) {
        var seen: Set<Int32> = []
        var failure: Int32 = 0
        for _ in 0..<Self.threadRounds {
            let new = procfs.threads(of: pid).filter { !seen.contains($0) }
            if new.isEmpty { break }
            if new.count > threadsLeft {
                leftOut += 1
                break
            }
            threadsLeft -= new.count
            seen.formUnion(new)
            for thread in new {
                let error = supd_nice_set(thread, nice)
                if error != 0, error != -ESRCH { failure = error }
            }
        }
        note("nice", failure, pid)
    }

    /// Who has ended needs nothing any more.
    private mutating func note(_ subject: String, _ result: Int32, _ pid: Int32, hint: String = "") {
        guard result < 0, result != -ESRCH, result != -ENOENT else { return }
        problems.add(subject, ErrorNumber(-result), of: pid, hint: hint)
    }

    private static func write(_ score: Int, toScoreOf pid: Int32) -> Int32 {
        let file = supd_open_briefly("/proc/\(pid)/oom_score_adj", O_WRONLY)
        guard file >= 0 else { return file }
        defer { supd_close_briefly(file) }
        let text = Array("\(score)\n".utf8)
        return Glibc.write(file, text, text.count) < 0 ? -errno : 0
    }
}
