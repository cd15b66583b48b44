import Glibc
import SupdProtocol

/// What to do where the file system does not let somebody reach the control socket.
enum AccessHint {
    /// For the socket at `path`.
    static func text(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return "a folder of its path keeps your user out; \(others)"
        }
        return text(mode: status.st_mode, group: status.st_gid, groups: file("/etc/group"))
    }

    /// For one of this mode and group. `groups` is group(5): as a static program supctl asks no other service for names.
    static func text(mode: mode_t, group: gid_t, groups: String) -> String {
        // connect(2) takes the right to write.
        guard mode & S_IWGRP != 0, mode & S_IWOTH == 0 else { return "its mode keeps your user out; \(others)" }
        let names = groups.split(separator: "\n").lazy.map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }
        let name = names.first { $0.count > 2 && $0[2] == "\(group)" }.map { String($0[0]) }
        let who = name.map { QuotedText.quote($0) } ?? "\(group)"
        return "its mode lets in who is in the group \(who): have your user put there, and log in anew; or \(others)"
    }

    private static let others = "run supctl with sudo, or as the user that supd runs as"
    /// Longer ones are not for people.
    private static let longest = 1 << 20

    private static func file(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < longest {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
