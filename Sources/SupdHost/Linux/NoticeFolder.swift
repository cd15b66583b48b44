internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The folder of the sockets for notices: everybody may pass through it to a socket that is his, and nobody but the daemon's user make one.
struct NoticeFolder {
    let path: String
    private var count = 0
    /// Holds the folder's lock, which says to other daemons that it is in use; negative where there is none.
    private let lock: Int32

    private static let prefix = "supd-notify-"
    /// Of so many entries of a parent those are looked for that daemons have left.
    private static let entriesLookedAt = 4096

    /// Makes it in the first of `parents` that allows it. One that an earlier daemon with the same `token` has left is taken over, emptied;
    /// those of others that are gone, which had no control socket and so no successor, are removed. EMFILE and such where it cannot be locked
    /// now.
    init(in parents: [String], token: String) throws(ErrorNumber) {
        var error = ErrorNumber(ENOENT)
        for parent in parents {
            let path = "\(parent)/\(Self.prefix)\(token)"
            // As long as any name in it will be.
            guard "\(path)/0000000".utf8.count <= Int(SUPD_SOCKET_PATH_MAX) else { continue }
            do throws(ErrorNumber) {
                lock = try FolderLock.take(path) { () throws(ErrorNumber) in try Self.make(path) }
                self.path = path
                Self.removeAbandoned(in: parent)
                return
            } catch let problem {
                error = problem
                // What is lacking here is lacking everywhere.
                if problem.isWant { break }
            }
        }
        throw error
    }

    private static func make(_ path: String) throws(ErrorNumber) {
        if mkdir(path, 0o711) == 0 {
            // Whatever the mask has taken of it. Where it is gone already its lock says so.
            guard chmod(path, 0o711) == 0 || errno == ENOENT else { throw ErrorNumber(errno) }
            return
        }
        guard errno == EEXIST else { throw ErrorNumber(errno) }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw ErrorNumber(errno)
        }
        // In /tmp somebody may have been there first.
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o777 == 0o711 else {
            throw ErrorNumber(EEXIST)
        }
        empty(path)
    }

    /// Whether it belongs to the daemon's user.
    private static func isOwn(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_uid == geteuid()
    }

    private static func removeAbandoned(in parent: String) {
        for name in entries(of: parent)
        where name.hasPrefix(prefix) && DaemonRecord.isToken(name.dropFirst(prefix.count)) {
            let path = "\(parent)/\(name)"
            guard let lock = try? FolderLock.take(path) else { continue }
            if isOwn(lock) {
                empty(path)
                rmdir(path)
            }
            closeDescriptor(lock)
        }
    }

    private static func entries(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        for _ in 0..<entriesLookedAt {
            guard let entry = readdir(stream) else { break }
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }

    private static func empty(_ path: String) {
        guard let stream = opendir(path) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            withUnsafePointer(to: &entry.pointee.d_name) { name in
                _ = name.withMemoryRebound(to: CChar.self, capacity: 256) { unlinkat(dirfd(stream), $0, 0) }
            }
        }
    }

    var isThere: Bool { access(path, F_OK) == 0 }

    /// The path of one more socket.
    mutating func nextPath() -> String {
        count += 1
        return "\(path)/\(count)"
    }

    /// Removes it, with what is left in it.
    func remove() {
        Self.empty(path)
        rmdir(path)
        closeDescriptor(lock)
    }
}
