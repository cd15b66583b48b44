import Foundation
import Glibc
import Testing

/// What a daemon has left of itself and its services once it is gone: there may be nothing.
struct Remains: Sendable {
    /// The daemon's number, which the marks of its processes have in their second part.
    let daemon: pid_t
    /// The folder of its test, by its path.
    let folder: String

    /// Waits until nothing is left, and answers what still is at the deadline, as `PID COMMAND`.
    func left(by deadline: Deadline) async throws -> [String] {
        while true {
            let found = find()
            guard let first = found.first, !deadline.hasPassed else {
                return found.map { "\($0) \(Self.command(of: $0))" }
            }
            _ = try await ProcessTable.isGone(first, by: deadline.orEarlier(in: 0.2))
        }
    }

    /// Ends what is left.
    func end() {
        for pid in find() { try? ProcessTable.kill(pid, SIGKILL) }
    }

    /// Removes the empty control groups of a daemon that was killed, and that the lock beside its socket tells of.
    func removeGroups() {
        guard let lock = FileManager.default.contents(atPath: folder + "/control.sock.lock") else { return }
        let lines = String(decoding: lock, as: UTF8.self).split(separator: "\n")
        guard lines.count > 2, lines[2].contains("/supd-") else { return }
        let base = String(lines[2])
        for name in (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? [] { rmdir("\(base)/\(name)") }
        rmdir(base)
    }

    /// The living processes of services of the daemon, and those that work in the test's folder or were given a path in it.
    func find() -> [Int] {
        let own = Self.ancestors()
        return ProcessTable.all().filter { pid in
            guard !own.contains(pid), ProcessTable.isAlive(pid) else { return false }
            return isMarked(pid) || Self.command(of: pid).contains(folder) || Self.folder(of: pid).hasPrefix(folder)
        }
    }

    /// SUPD_INVOCATION is TOKEN.PID.STARTED.ATTEMPT.INSTANCE.
    private func isMarked(_ pid: Int) -> Bool {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
        for variable in data.split(separator: 0) {
            let text = String(decoding: variable, as: UTF8.self)
            guard text.hasPrefix("SUPD_INVOCATION=") else { continue }
            let parts = text.split(separator: ".")
            return parts.count > 1 && parts[1] == "\(daemon)"
        }
        return false
    }

    private static func command(of pid: Int) -> String {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return "" }
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    private static func folder(of pid: Int) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
    }

    /// This process and what started it.
    private static func ancestors() -> Set<Int> {
        var line: Set<Int> = []
        var pid = Int(getpid())
        while pid > 0, line.insert(pid).inserted { pid = ProcessTable.parent(of: pid) ?? 0 }
        return line
    }
}
