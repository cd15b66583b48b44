import CAcceptance
import Foundation
import Glibc

/// What /proc says of processes (proc(5)).
enum ProcessTable {
    /// The state letter, or nil where there is no such process.
    static func state(of pid: Int) -> Character? {
        fields(of: pid)?.first?.first
    }

    /// Running, sleeping or stopped, but neither gone nor a zombie, nor on its way there: one in exit(2) has left its control group
    /// already, and is seen for another moment.
    static func isAlive(_ pid: Int) -> Bool {
        guard let fields = fields(of: pid), fields.count > 6, let state = fields[0].first else { return false }
        return state != "Z" && state != "X" && (Int(fields[6]) ?? 0) & exitingFlag == 0
    }

    /// PF_EXITING (the kernel's linux/sched.h) in field 9 of /proc/PID/stat.
    private static let exitingFlag = 0x4

    static func parent(of pid: Int) -> Int? { fields(of: pid).flatMap { $0.count > 1 ? Int($0[1]) : nil } }

    /// As it calls itself (prctl(2), PR_SET_NAME).
    static func name(of pid: Int) -> String? {
        FileManager.default.contents(atPath: "/proc/\(pid)/comm").map {
            String(decoding: $0.dropLast(), as: UTF8.self)
        }
    }

    static func children(of pid: Int) -> [Int] { childrenOfAll()[pid] ?? [] }

    /// The children of every process that has some, by one look at each.
    static func childrenOfAll() -> [Int: [Int]] {
        Dictionary(grouping: all()) { parent(of: $0) ?? 0 }
    }

    /// How many bytes of address space it has taken (VmSize).
    static func virtualSize(of pid: Int) -> Int? { fields(of: pid).flatMap { $0.count > 20 ? Int($0[20]) : nil } }

    /// The numbers of its open descriptors.
    static func descriptors(of pid: Int) throws -> Set<Int> {
        Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap(Int.init))
    }

    static func all() -> [Int] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int.init)
    }

    /// Waits until the process is gone or a zombie. False where it is still alive at the deadline.
    static func isGone(_ pid: Int, by deadline: Deadline) async throws -> Bool {
        let answer = acceptance_pidfd(pid_t(pid))
        if answer == -ESRCH { return true }
        return try await Descriptor(answer: answer, of: "pidfd of \(pid)").becomesReadable(by: deadline)
    }

    static func kill(_ pid: Int, _ signal: Int32) throws {
        let descriptor = try Descriptor(answer: acceptance_pidfd(pid_t(pid)), of: "pidfd of \(pid)")
        let answer = acceptance_signal(descriptor.number, signal)
        guard answer == 0 else { throw Failure("signal \(signal) to \(pid): \(String(cString: strerror(-answer)))") }
    }

    /// What follows the name in /proc/PID/stat: state, parent, group, session…
    private static func fields(of pid: Int) -> [Substring]? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        // The name may hold spaces and parentheses itself.
        guard let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }
}
