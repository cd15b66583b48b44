internal import CSupd
internal import Glibc
internal import SupdPlugin

/// A control socket that this daemon made, and the lock beside it that says so until the daemon ends.
struct ControlSocketClaim {
    private let file: SocketFile
    private let lock: Int32
    /// The listening socket.
    private(set) var listener: Int32
    /// What the lock's file says.
    private(set) var record: DaemonRecord
    /// What it said before; nil where the daemon before ended cleanly, or there was none.
    let unclean: DaemonRecord?

    private static let backlog: Int32 = 128

    /// Checks `path`, takes the lock, removes a stale socket and binds.
    init(path: String) throws(SocketClaimFailure) {
        try Self.checkLength(path)
        try Self.prepareFolder(of: path)
        lock = try Self.takeLock(path)
        // One that left processes behind is taken up where it ended: its token is what they carry.
        unclean = DaemonRecord(reading: lock)
        record = DaemonRecord(pid: getpid(), token: unclean?.token ?? DaemonRecord.newToken(), groups: unclean?.groups)
        do throws(SocketClaimFailure) {
            try Self.removeStale(path)
            listener = supd_listen_unix(path, Self.backlog)
            guard listener >= 0 else { throw Self.failure(of: "bind of \(path)", -listener) }
        } catch {
            closeDescriptor(lock)
            throw error
        }
        file = SocketFile(path)
        record.write(to: lock)
    }

    /// Notes where the daemon's control groups are, for the one after it.
    mutating func note(groups: String) {
        guard record.groups != groups else { return }
        record.groups = groups
        record.write(to: lock)
    }

    /// Says that the daemon leaves nothing behind: the next one has nothing to look for.
    func noteCleanEnd() { ftruncate(lock, 0) }

    /// Removes the socket's file, unless somebody has put another in its place. The lock stays, and so does its file:
    /// who removes a file that others lock makes two locks of one.
    func remove() { file.remove() }

    /// Lets the lock go.
    func giveUp() { closeDescriptor(lock) }

    // MARK: The rules of the path

    private static func checkLength(_ path: String) throws(SocketClaimFailure) {
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

    private static func prepareFolder(of path: String) throws(SocketClaimFailure) {
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
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw .refused(
                "the control socket's folder '\(folder)' belongs to uid \(status.st_uid), who could replace the socket; "
                    + "it must belong to root or to uid \(geteuid())")
        }
        if status.st_mode & S_IWOTH != 0, status.st_mode & S_ISVTX == 0 {
            throw .refused(
                "the control socket's folder '\(folder)' may be written by everybody, who could replace the socket: "
                    + "chmod o-w it, or choose another")
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What a call failed with: of these errors the path is the reason, and whoever chose it can do something.
    private static func failure(of call: String, _ error: Int32) -> SocketClaimFailure {
        switch error {
        case ENOENT, ENOTDIR, EACCES, EPERM, EROFS, ELOOP, ENAMETOOLONG:
            .refused(
                "\(call): \(ErrorNumber(error)); its folder must be one that uid \(geteuid()) can write to, "
                    + "or be in such a one: make it so, or choose another path")
        default: .failed(call: call, ErrorNumber(error))
        }
    }

    // MARK: The lock

    private static func takeLock(_ path: String) throws(SocketClaimFailure) -> Int32 {
        let lockPath = path + ".lock"
        let lock = supd_open(lockPath, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
        guard lock >= 0 else {
            if lock == -ELOOP {
                throw .refused("the control socket's lock '\(lockPath)' is a symbolic link: remove it")
            }
            throw failure(of: "open of \(lockPath)", -lock)
        }
        do throws(SocketClaimFailure) {
            try checkLock(lock, lockPath)
        } catch {
            closeDescriptor(lock)
            throw error
        }
        return lock
    }

    private static func checkLock(_ lock: Int32, _ lockPath: String) throws(SocketClaimFailure) {
        var status = stat()
        guard fstat(lock, &status) == 0 else { throw .failed(call: "fstat of \(lockPath)", ErrorNumber(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == 0 || status.st_uid == geteuid() else {
            throw .refused(
                "the control socket's lock '\(lockPath)' is not a file of root's or of uid \(geteuid()): remove it")
        }
        switch supd_lock_exclusively(lock) {
        case 0: return
        case -EWOULDBLOCK: throw .inUse(pid: LinuxHost.readNumber(lock))
        case let error: throw .failed(call: "flock of \(lockPath)", ErrorNumber(-error))
        }
    }

    private static func removeStale(_ path: String) throws(SocketClaimFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw failure(of: "lstat of \(path)", errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .refused("'\(path)' is not a socket, and is not removed to make place for the control socket")
        }
        // The lock is held: whoever bound it serves no more.
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(of: "unlink of \(path)", errno) }
    }
}
