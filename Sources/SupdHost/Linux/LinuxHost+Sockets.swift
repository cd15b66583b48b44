internal import CSupd
internal import Glibc
public import SupdPlugin

/// Sockets that are held for services.
extension LinuxHost {
    /// The file of a bound socket, by what tells it from another at its path.
    struct SocketFile {
        var path: String
        var device: UInt
        var inode: UInt
    }

    /// Binds a socket, and listens on it where it is a stream's. A file of a socket that nobody listens on any more is replaced.
    public func bind(_ socket: ListenSocket) -> Result<BoundSocket, ErrorNumber> {
        if case .path(let path) = socket.address, let error = removeStale(path, socket.kind) {
            return .failure(ErrorNumber(error))
        }
        let descriptor = listen(on: socket)
        guard descriptor >= 0 else { return .failure(ErrorNumber(-descriptor)) }
        let bound = BoundSocket(descriptor: descriptor)
        if case .path(let path) = socket.address {
            var status = stat()
            if lstat(path, &status) == 0 {
                socketFiles[bound] = SocketFile(
                    path: path, device: UInt(status.st_dev), inode: UInt(status.st_ino))
            }
        }
        return .success(bound)
    }

    private func listen(on socket: ListenSocket) -> Int32 {
        var request = supd_bind_request()
        request.is_datagram = socket.kind == .datagram ? 1 : 0
        request.reuses_port = socket.reusesPort ? 1 : 0
        request.mode = UInt32(socket.mode)
        request.backlog = socket.backlog
        switch socket.address {
        case .internet(let host, let port):
            request.port = port
            return host.withCString { text in
                request.host = text
                return supd_bind(&request)
            }
        case .path(let name), .abstract(let name):
            if case .abstract = socket.address { request.is_abstract = 1 }
            return name.withCString { text in
                request.name = text
                request.name_length = name.utf8.count
                return supd_bind(&request)
            }
        }
    }

    /// What stands in the way of a path; nil where nothing does.
    private func removeStale(_ path: String, _ kind: ListenSocket.Kind) -> Int32? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT ? nil : errno }
        guard status.st_mode & S_IFMT == S_IFSOCK else { return EEXIST }
        if supd_unix_is_served(path, kind == .datagram ? 1 : 0) != 0 { return EADDRINUSE }
        return unlink(path) == 0 || errno == ENOENT ? nil : errno
    }

    /// Closes a bound socket, and removes the file it made, unless another is in its place.
    public func unbind(_ socket: BoundSocket) {
        closeDescriptor(socket.descriptor)
        guard let file = socketFiles.removeValue(forKey: socket) else { return }
        var status = stat()
        guard lstat(file.path, &status) == 0, UInt(status.st_dev) == file.device, UInt(status.st_ino) == file.inode
        else {
            return
        }
        unlink(file.path)
    }
}
