internal import CSupd
internal import Glibc
package import SupdPlugin

extension LinuxHost {
    /// Binds a socket, and listens on it where it is a stream's; close-on-exec. The file of a socket that nobody listens on any more
    /// is replaced. EADDRINUSE where somebody does, ENOTSOCK where the path is another kind of file, EINVAL for a host that is no
    /// address in numbers.
    package func bind(_ socket: ListenSocket) -> Result<BoundSocket, ErrorNumber> {
        loop.thread.assertIsCurrent()
        var flags: Int32 = 0
        if socket.kind == .datagram { flags |= Int32(SUPD_LISTEN_DATAGRAM.rawValue) }
        if socket.reusesPort { flags |= Int32(SUPD_LISTEN_REUSE_PORT.rawValue) }
        let descriptor: Int32
        switch socket.address {
        case .internet(let host, let port): descriptor = supd_bind_internet(host, port, flags, socket.backlog)
        case .abstract(let name): descriptor = supd_bind_abstract(name, name.utf8.count, flags, socket.backlog)
        case .path(let path):
            if let error = removeStale(path, flags: flags) { return .failure(error) }
            descriptor = supd_bind_path(path, UInt32(socket.mode), flags, socket.backlog)
            if descriptor >= 0 { socketFiles[descriptor] = SocketFile(path) }
        }
        return descriptor < 0
            ? .failure(ErrorNumber(-descriptor)) : .success(BoundSocket(descriptor: descriptor))
    }

    /// The sockets that the service manager handed over, but for the control socket; nothing at a second call.
    package func takeHandedOverSockets() -> [HandedOverSocket] {
        loop.thread.assertIsCurrent()
        return (serviceManager?.takeDescriptors() ?? []).map { given in
            let made = MadeSocket(given.descriptor)
            return HandedOverSocket(
                name: given.name, socket: BoundSocket(descriptor: given.descriptor), kind: made?.kind,
                address: made?.address)
        }
    }

    /// Closes a bound socket, and removes the file it made, unless another has taken its place. Not to be called twice: the
    /// number may be another's by then.
    package func unbind(_ socket: BoundSocket) {
        loop.thread.assertIsCurrent()
        // Before it is closed: who finds the file of a closed socket may take it for a stale one, and replace it.
        if let file = socketFiles.removeValue(forKey: socket.descriptor) { file.remove() }
        closeUnbound([socket.descriptor])
    }

    private func removeStale(_ path: String, flags: Int32) -> ErrorNumber? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT ? nil : ErrorNumber(errno) }
        guard status.st_mode & S_IFMT == S_IFSOCK else { return ErrorNumber(ENOTSOCK) }
        guard supd_probe_path(path, flags) == -ECONNREFUSED else { return ErrorNumber(EADDRINUSE) }
        return unlink(path) == 0 || errno == ENOENT ? nil : ErrorNumber(errno)
    }
}

/// The file of a socket, and which one it is.
struct SocketFile {
    private let path: String
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
