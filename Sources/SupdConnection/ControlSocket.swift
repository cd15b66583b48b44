import Glibc
package import SupdPlugin
import SupdProtocol

/// A connected Unix stream socket, closed when this value ends. Nothing but connecting ever waits.
package struct ControlSocket: ~Copyable {
    package let descriptor: Int32

    /// What a read or a write gave.
    package enum Transfer {
        case bytes(Int)
        case wouldBlock
        case end
        case failed(ErrorNumber)
    }

    /// Takes over a connected socket.
    package init(adopting descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Connects, waiting at most `timeout` for a daemon whose queue of connections is full.
    package static func connecting(to path: String, timeout: Duration) throws(ClientError) -> ControlSocket {
        var address = try address(path)
        let socket = ControlSocket(adopting: try open())
        // A connect that does not wait gives EAGAIN at a full queue, with nothing to poll for; the send timeout
        // bounds one that waits (unix(7), socket(7)).
        let nanoseconds = max(timeout, .milliseconds(1)).clampedNanoseconds
        var limit = timeval(tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds / 1000 % 1_000_000))
        setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if result != 0 { throw error(ErrorNumber(errno), path: path, timeout: timeout) }
        return socket
    }

    deinit {
        close(descriptor)
    }

    /// Ends it, before this value does.
    package func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Reads what is there.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case ECONNRESET: return .end
            case let error: return .failed(ErrorNumber(error))
            }
        }
    }

    /// Writes what fits. A daemon that is gone is `.end`, never SIGPIPE.
    package func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        while true {
            let count = send(descriptor, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case EPIPE, ECONNRESET: return .end
            case let error: return .failed(ErrorNumber(error))
            }
        }
    }

    private static func open() throws(ClientError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .failed(call: "socket", ErrorNumber(errno)) }
        return descriptor
    }

    private static func error(_ error: ErrorNumber, path: String, timeout: Duration) -> ClientError {
        switch error.rawValue {
        case ENOENT, ECONNREFUSED, ENOTDIR, ENOTSOCK, EPROTOTYPE: .noDaemon(path: path, error)
        case EACCES, EPERM: .noAccess(path: path, error)
        case EAGAIN, EINTR: .notTaken(path: path, after: timeout)
        default: .failed(call: "connect", error)
        }
    }

    private static func address(_ path: String) throws(ClientError) -> sockaddr_un {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty else { throw .badPath(path: path, problem: "the path is empty") }
        guard !bytes.contains(0) else { throw .badPath(path: path, problem: "the path has a zero byte in it") }
        guard bytes.count <= SocketLocation.longestPath else {
            throw .badPath(
                path: path,
                problem: "the path has \(bytes.count) bytes, a socket's at most \(SocketLocation.longestPath) (unix(7))"
            )
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }
}
