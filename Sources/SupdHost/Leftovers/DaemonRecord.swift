internal import CSupd
internal import Glibc
internal import SupdPlugin

/// What a daemon leaves in the lock's file beside its control socket, a line each: its number, its token, and the folder of its
/// control groups. Emptied at a clean end; so what the next daemon finds there tells it what to look for.
struct DaemonRecord: Hashable {
    var pid: Int32
    /// What the marks of its processes begin with: 16 hexadecimal digits.
    var token: String
    var groups: String?

    init(pid: Int32, token: String, groups: String? = nil) {
        self.pid = pid
        self.token = token
        self.groups = groups
    }

    /// A token of nobody's.
    static func newToken() -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// Whether a daemon may have given itself this for a token.
    static func isToken(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 16
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    /// Nil where the text is empty, or of a daemon that wrote no token.
    init?(parsing text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, let pid = Int32(lines[0]), Self.isToken(lines[1]) else { return nil }
        self.init(pid: pid, token: String(lines[1]))
        if lines.count >= 3, lines[2].hasPrefix("/") { groups = String(lines[2]) }
    }

    /// What the file of `descriptor` says.
    init?(reading descriptor: Int32) {
        let text = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
        self.init(parsing: text)
    }

    /// What the file says.
    var text: String { "\(pid)\n\(token)\n" + (groups.map { "\($0)\n" } ?? "") }

    /// So much room is taken for it at once: what is noted later has it as well.
    private static let room: Int = 4096

    /// Replaces what the file says, in an order that never leaves it empty. Nil where all of it was written.
    func write(to descriptor: Int32) -> ErrorNumber? {
        // Where that is refused the write itself says whether it matters.
        _ = supd_reserve_space(descriptor, Self.room)
        let text = Array(text.utf8)
        let count = pwrite(descriptor, text, text.count, 0)
        guard count == text.count else { return ErrorNumber(count < 0 ? errno : ENOSPC) }
        return ftruncate(descriptor, count) == 0 ? nil : ErrorNumber(errno)
    }
}
