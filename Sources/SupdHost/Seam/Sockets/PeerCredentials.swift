/// Who is at the other end of a connection, as the kernel saw it when it connected.
package struct PeerCredentials: Hashable, Sendable {
    /// Process id.
    package var pid: Int32
    /// User id.
    package var uid: UInt32
    /// Primary group id.
    package var gid: UInt32
    /// Supplementary group ids.
    package var groups: [UInt32]
    /// What its program calls itself; nil where that was not looked at, or is not known.
    package var command: String?

    /// Credentials of these.
    package init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// `uid 1000, pid 42 (supctl)`.
    package var text: String { Self.text(uid: uid, pid: pid, command: command) }

    /// The same of these.
    package static func text(uid: UInt32, pid: Int32, command: String?) -> String {
        // Said of every order and of what came of it, and so in one piece of memory.
        var text = ""
        text.reserveCapacity(32 + (command?.utf8.count ?? 0))
        text += "uid "
        text += String(uid)
        text += ", pid "
        text += String(pid)
        guard let command else { return text }
        text += " ("
        text += command
        text += ")"
        return text
    }
}
