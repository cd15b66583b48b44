/// What the lock beside a control socket says of the daemon that holds it, or held it last: a line each.
///
/// A daemon that ends with nothing left behind takes all of it out. So what the next one finds is of one that was killed, and
/// the token tells that one's processes from all others.
struct LockRecord: Equatable {
    /// The daemon's number.
    var pid: Int32
    /// What the marks of its trees begin with.
    var token: String
    /// The control group that it made for itself and its services; nil where it made none.
    var group: String?

    init(pid: Int32, token: String, group: String? = nil) {
        self.pid = pid
        self.token = token
        self.group = group
    }

    /// The record that `text` is; nil where it is none, as in a lock of a daemon that ended in peace.
    init?(parsing text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, let pid = Int32(lines[0]), Self.isToken(lines[1]) else { return nil }
        self.pid = pid
        token = String(lines[1])
        group = lines.count > 2 && lines[2].hasPrefix("/") ? String(lines[2]) : nil
    }

    /// The file's content.
    var text: String { "\(pid)\n\(token)\n" + (group.map { $0 + "\n" } ?? "") }

    /// A token is a number of 64 bits in hexadecimal digits.
    private static func isToken(_ text: Substring) -> Bool { !text.isEmpty && UInt64(text, radix: 16) != nil }
}
