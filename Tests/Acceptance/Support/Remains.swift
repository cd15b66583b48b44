import Foundation
import Glibc
import Testing

/// What a daemon has left of itself and its services once it is gone: there may be nothing.
struct Remains: Sendable {
    /// The daemon's token, which the marks of its processes begin with; nil where it came to no socket, and so to no service.
    let token: String?
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

    /// The living processes of services of the daemon, and those that work in the test's folder or were given a path in it.
    func find() -> [Int] {
        let own = Self.ancestors()
        return ProcessTable.all().filter { pid in
            guard !own.contains(pid), ProcessTable.isAlive(pid) else { return false }
            let current = Self.folder(of: pid)
            return isMarked(pid) || Self.command(of: pid).contains(folder) || current == folder
                || current.hasPrefix(folder + "/")
        }
    }

    /// SUPD_INVOCATION is TOKEN.PID.STARTED.ATTEMPT.INSTANCE.
    private func isMarked(_ pid: Int) -> Bool {
        guard let token, let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
        return data.split(separator: 0).contains {
            String(decoding: $0, as: UTF8.self).hasPrefix("SUPD_INVOCATION=\(token).")
        }
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
