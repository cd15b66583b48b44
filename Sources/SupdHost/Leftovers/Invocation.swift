internal import CSupd
internal import Glibc

/// The value of `SUPD_INVOCATION`, taken apart: `TOKEN.PID.STARTNANOSECONDS.ATTEMPT.INSTANCENAME`.
struct Invocation: Hashable {
    var token: String
    /// The instance; may have dots. Empty where the value has another form.
    var instance: String

    /// Nil where it has no dot.
    init?(_ value: String) {
        let parts = value.split(separator: ".", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        token = String(parts[0])
        instance = parts.count == 5 ? String(parts[4]) : ""
    }

    /// That of an environment, `NAME=value` and a zero byte each; the first entry of the name counts, as for getenv(3).
    init?(environment: [UInt8]) {
        for entry in environment.split(separator: 0) where entry.starts(with: TreeMark.prefix) {
            self.init(String(decoding: entry.dropFirst(TreeMark.prefix.count), as: UTF8.self))
            return
        }
        return nil
    }

    /// That of a process; nil where it has none, or the daemon may not look.
    static func of(_ pid: Int32, _ procfs: ProcFiles) -> Invocation? {
        let file = procfs.openEnvironment(of: pid)
        guard file >= 0 else { return nil }
        defer { supd_close_briefly(file) }
        var bytes: [UInt8] = []
        return withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 1) { buffer in
            while true {
                let count = Glibc.read(file, buffer.baseAddress, buffer.count)
                // The kernel shows no more than its memory pages hold; a process that grows them for ever is cut short.
                guard count > 0, bytes.count < 8 << 20 else { return Invocation(environment: bytes) }
                bytes.append(contentsOf: buffer[..<count])
            }
        }
    }
}
