internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Who leads the trees of a daemon without control groups, in a file beside its lock: a line each with number, start and instance.
/// The mark in the environment is not to be seen of who has overwritten it, as nginx and PostgreSQL do for their titles, or dropped it
/// (`env -i`): to the next daemon such a program would be anybody's.
///
/// Written beside the loop, one call at a time (`BlockingCalls.Lane`).
final class LeadersNote: @unchecked Sendable {
    private let path: String
    private let daemon: Int32
    /// What could not be written yet.
    private var waiting: [(process: ProcessIdentity, instance: String)] = []
    /// With so many those that have ended are left out.
    private var waitingLimit = LeadersNote.leastWaiting
    /// The size at which those that have ended are left out again; nil before the first.
    private var limit: Int?

    private static let leastLimit = 64 << 10
    private static let leastWaiting = 256

    /// One of the daemon with the number `daemon`, in the file `path`, which an earlier one may have left.
    init(path: String, daemon: Int32) {
        self.path = path
        self.daemon = daemon
    }

    /// One that leads a tree.
    struct Leader: Sendable {
        var pid: Int32
        /// When it was started, where the daemon has looked: of one that it has not started itself.
        var startTime: UInt64?
        var invocation: String
    }

    /// Adds what the daemon has started, or taken over. Nil where all of it was written; what was not, and lives, is with the next.
    func add(_ started: [Leader]) -> ErrorNumber? {
        waiting += started.compactMap { leader in
            guard let instance = Invocation(leader.invocation)?.instance else { return nil }
            if let startTime = leader.startTime {
                return (ProcessIdentity(pid: leader.pid, startTime: startTime), instance)
            }
            // Until it is reaped the number is its own. Later it may be anybody's, but not below the daemon.
            guard let stat = Self.stat(leader.pid), stat.parent == daemon else { return nil }
            return (stat.identity, instance)
        }
        guard !waiting.isEmpty else { return nil }
        let size = limit.flatMap { limit in fileSize.flatMap { $0 < limit ? $0 : nil } }
        let failure = size == nil ? writeWhole() : append()
        if failure == nil { waiting = [] } else { forgetEnded() }
        return failure
    }

    /// A file that cannot be written for long has no end of them.
    private func forgetEnded() {
        guard waiting.count >= waitingLimit else { return }
        waiting.removeAll { Self.hasEnded($0.process) }
        waitingLimit = max(Self.leastWaiting, 2 * waiting.count)
    }

    /// Whether it is proved gone: a file that cannot be opened, for want of descriptors, says nothing.
    private static func hasEnded(_ process: ProcessIdentity) -> Bool {
        if let stat = stat(process.pid) { return stat.identity != process }
        return access("/proc/\(process.pid)/stat", F_OK) < 0 && errno == ENOENT
    }

    /// How many wait.
    var waitingCount: Int { waiting.count }

    private static func line(_ process: ProcessIdentity, _ instance: String) -> String {
        "\(process.pid) \(process.startTime) \(instance)\n"
    }

    private var fileSize: Int? {
        var status = Glibc.stat()
        return lstat(path, &status) == 0 && status.isRegular ? Int(status.st_size) : nil
    }

    private func append() -> ErrorNumber? {
        let descriptor = supd_open(path, O_WRONLY | O_APPEND | O_NOFOLLOW, 0)
        guard descriptor >= 0 else { return ErrorNumber(-descriptor) }
        defer { closeDescriptor(descriptor) }
        return WholeWrite(Array(waiting.map(Self.line).joined().utf8), to: descriptor).failure
    }

    /// With those of its own that it has and that live.
    private func writeWhole() -> ErrorNumber? {
        let living = limit == nil ? [:] : Self.read(path).filter { !Self.hasEnded($0.key) }
        let lines = living.map { Self.line($0.key, $0.value) } + waiting.map(Self.line)
        let text = Array((Self.header + lines.joined()).utf8)
        let failure = LinuxHost.replace(path, text)
        if failure == nil { limit = max(Self.leastLimit, 2 * text.count) }
        return failure
    }

    /// What the file says of this boot of the machine: numbers and starts mean nothing in another.
    static func read(_ path: String) -> [ProcessIdentity: String] {
        guard let text = contents(of: path, atMost: 16 << 20) else { return [:] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, "\(first)\n" == header else { return [:] }
        var leaders = [ProcessIdentity: String]()
        // A line that was cut short has no end.
        for line in lines.dropFirst().dropLast() {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let pid = Int32(words[0]), pid > 1, let start = UInt64(words[1]) else { continue }
            leaders[ProcessIdentity(pid: pid, startTime: start)] = String(words[2])
        }
        return leaders
    }

    private static var header: String { contents(of: "/proc/sys/kernel/random/boot_id", atMost: 64) ?? "\n" }

    private static func stat(_ pid: Int32) -> ProcStat? {
        contents(of: "/proc/\(pid)/stat", atMost: 4096).flatMap { text in
            Array(text.utf8).withUnsafeBytes { ProcStat(parsing: $0) }
        }
    }

    private static func contents(of path: String, atMost limit: Int) -> String? {
        let descriptor = supd_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return nil }
        defer { closeDescriptor(descriptor) }
        var bytes: [UInt8] = []
        let isRead = withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
            while bytes.count < limit {
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return count == 0 }
                bytes += buffer.prefix(count)
            }
            return true
        }
        return isRead ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
