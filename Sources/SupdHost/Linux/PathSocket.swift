internal import CSupd
internal import Glibc
internal import SupdPlugin

/// A socket with a file, as it was just made, on whichever thread.
struct PathSocket: Sendable {
    let descriptor: Int32
    /// Whose descriptor that is.
    let process: Int32
    let file: SocketFile

    static func make(_ path: String, mode: UInt32, flags: Int32, backlog: Int32) -> Result<PathSocket, ErrorNumber> {
        if let error = removeStale(path, flags: flags) { return .failure(error) }
        let descriptor = supd_bind_path(path, mode, flags, backlog)
        guard descriptor >= 0 else { return .failure(ErrorNumber(-descriptor)) }
        return .success(PathSocket(descriptor: descriptor, process: getpid(), file: SocketFile(path)))
    }

    private static func removeStale(_ path: String, flags: Int32) -> ErrorNumber? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT ? nil : ErrorNumber(errno) }
        guard status.st_mode & S_IFMT == S_IFSOCK else { return ErrorNumber(ENOTSOCK) }
        guard supd_probe_path(path, flags) == -ECONNREFUSED else { return ErrorNumber(EADDRINUSE) }
        return unlink(path) == 0 || errno == ENOENT ? nil : ErrorNumber(errno)
    }
}

/// The file of a socket, and which one it is.
struct SocketFile: Sendable {
    let path: String
    private let made: stat

    init(_ path: String) {
        self.path = path
        var status = stat()
        _ = lstat(path, &status)
        made = status
    }

    /// Whether nobody has removed it, or put another in its place.
    var isInPlace: Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.isSameFile(as: made)
    }

    /// Removes it, unless somebody has put another in its place.
    func remove() {
        if isInPlace { unlink(path) }
    }
}
