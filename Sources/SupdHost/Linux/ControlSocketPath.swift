internal import CSupd
internal import Glibc
internal import SupdPlugin

/// Where a control socket may be.
///
/// Who can write to its folder, or to one above that, can put a socket of his own in its place, or a lock, and have the daemon's
/// users talk to him. So all of them belong to root or to the daemon's own user, and nobody else may write to them, but where the
/// sticky bit keeps others from what is not theirs (inode(7)), as in /tmp.
package enum ControlSocketPath {
    /// The folder of a path.
    package static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The file that a socket is bound to; nil where it has none.
    package static func path(of socket: Int32) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(SUPD_SOCKET_PATH_MAX) + 1) { buffer in
            guard let base = buffer.baseAddress, supd_socket_path(socket, base) > 0 else { return nil }
            return String(cString: base)
        }
    }

    static func checkLength(_ path: String) throws(SocketClaimFailure) {
        let length = path.utf8.count
        let maximum = Int(SUPD_SOCKET_PATH_MAX)
        guard length <= maximum else {
            throw .refused(
                "the control socket's path '\(path)' has \(length) bytes; a socket's path has at most \(maximum): "
                    + "choose a shorter one")
        }
        guard length > 0, !path.utf8.contains(0), path.utf8.last != UInt8(ascii: "/") else {
            throw .refused("the control socket's path '\(path)' names no file")
        }
    }

    /// Makes the folder of a socket where it is not there, and holds it to the rules.
    static func prepareFolder(of path: String) throws(SocketClaimFailure) {
        let folder = folder(of: path)
        if mkdir(folder, 0o755) != 0, errno != EEXIST {
            throw failure(of: "mkdir of \(folder)", errno)
        }
        var status = stat()
        guard lstat(folder, &status) == 0 else { throw failure(of: "lstat of \(folder)", errno) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: break
        case S_IFLNK:
            throw .refused("the control socket's folder '\(folder)' is a symbolic link: name the folder it points to")
        default: throw .refused("the control socket's folder '\(folder)' is not a folder")
        }
        try check(status, "the control socket's folder '\(folder)'")
        for above in foldersAbove(folder) {
            guard lstat(above, &status) == 0 else { throw failure(of: "lstat of \(above)", errno) }
            try check(status, "'\(above)', above the control socket's folder '\(folder)',")
        }
    }

    /// Holds one folder to the rules.
    private static func check(_ status: stat, _ what: String) throws(SocketClaimFailure) {
        guard isTrusted(status.st_uid) else {
            throw .refused(
                "\(what) belongs to uid \(status.st_uid), who could replace the socket; it must belong to root or to uid "
                    + "\(geteuid())")
        }
        guard status.st_mode & S_ISVTX == 0 else { return }
        if status.st_mode & S_IWOTH != 0 {
            throw .refused(
                "\(what) may be written by everybody, who could replace the socket: chmod o-w it, or choose another")
        }
        if status.st_mode & S_IWGRP != 0, status.st_gid != 0, status.st_gid != getegid() {
            throw .refused(
                "\(what) may be written by everybody in group \(status.st_gid), who could replace the socket: chmod g-w it, "
                    + "or choose another")
        }
    }

    /// The folders that a path without links leads through, the nearest first.
    private static func foldersAbove(_ folder: String) -> [String] {
        guard let resolved = realpath(folder, nil) else { return [] }
        defer { free(resolved) }
        var above: [String] = []
        var path = String(cString: resolved)
        while path != "/" {
            path = Self.folder(of: path)
            above.append(path)
        }
        return above
    }

    /// Root's, the daemon's own, or, in a user namespace, one of nobody's in it: whoever that is outside, the daemon's whole world is
    /// his.
    static func isTrusted(_ uid: UInt32) -> Bool {
        if uid == 0 || uid == geteuid() { return true }
        guard let overflow = number("/proc/sys/kernel/overflowuid"), overflow == uid else { return false }
        // "0 0 4294967295": the first namespace, or one that leaves nobody out (user_namespaces(7)).
        let map = GroupFolder(path: "/proc/self").read("uid_map") ?? ""
        return map.split(separator: "\n").reduce(0) { $0 + (UInt64($1.split(separator: " ").last ?? "") ?? 0) }
            < UInt64(UInt32.max)
    }

    private static func number(_ path: String) -> UInt32? {
        let descriptor = supd_open_briefly(path, O_RDONLY)
        defer { supd_close_briefly(descriptor) }
        return LinuxHost.readNumber(descriptor).map(UInt32.init(bitPattern:))
    }

    /// What a call failed with: of these errors the path is the reason, and whoever chose it can do something.
    static func failure(of call: String, _ error: Int32) -> SocketClaimFailure {
        switch error {
        case ENOENT, ENOTDIR, EACCES, EPERM, EROFS, ELOOP, ENAMETOOLONG:
            .refused(
                "\(call): \(ErrorNumber(error)); its folder must be one that uid \(geteuid()) can write to, "
                    + "or be in such a one: make it so, or choose another path")
        default: .failed(call: call, ErrorNumber(error))
        }
    }
}
