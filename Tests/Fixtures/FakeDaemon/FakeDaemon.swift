import Glibc
import SupdJSON
public import SupdProtocol
import Synchronization
import TestThreads

/// A control socket for tests: each request goes to a closure that answers as it likes, or not at all.
///
/// Every connection has a thread of its own, so that a closure may block. Ends with this object.
public final class FakeDaemon: Sendable {
    /// Called on a connection's thread for each of its requests.
    public typealias Handler = @Sendable (Request, Peer) -> Void

    /// The socket's path.
    public let path: String
    private let folder: String
    private let listener: Int32
    private let handler: Handler
    private let onEnd: @Sendable () -> Void
    private let log = Mutex<[Request]>([])

    /// What went wrong while a fake daemon was made.
    public struct Failure: Error {
        /// The call that failed.
        public let call: String
        /// Its error.
        public let number: Int32
    }

    /// A daemon that answers with `handler`, on a socket in a new folder, and calls `onEnd` for each client that
    /// closes its connection.
    public static func start(
        _ handler: @escaping Handler, onEnd: @escaping @Sendable () -> Void = {}
    ) throws -> FakeDaemon {
        let daemon = try FakeDaemon(handler, onEnd)
        let listener = daemon.listener
        try startThread { [weak daemon] in
            while true {
                let descriptor = accept(listener, nil, nil)
                // The listener was shut down, or the daemon is gone.
                guard descriptor >= 0, let daemon else { return }
                let peer = Peer(descriptor: descriptor)
                try? startThread { daemon.serve(peer) }
            }
        }
        return daemon
    }

    private init(_ handler: @escaping Handler, _ onEnd: @escaping @Sendable () -> Void) throws {
        var template = Array("/tmp/supd-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure(call: "mkdtemp", number: errno) }
        folder = String(cString: made)
        path = folder + "/control.sock"
        self.handler = handler
        self.onEnd = onEnd
        listener = try Self.listen(at: path, backlog: 16)
    }

    /// A socket at `path` behind which up to `backlog` connections, and one more, wait to be taken. The caller closes it.
    public static func listen(at path: String, backlog: Int32) throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, Glibc.listen(listener, backlog) == 0 else { throw Failure(call: "bind", number: errno) }
        return listener
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        unlink(path)
        rmdir(folder)
    }

    /// Every request so far, in the order they came.
    public var requests: [Request] { log.withLock { $0 } }

    private func serve(_ peer: Peer) {
        var framer = LineFramer()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(peer.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return onEnd() }
            framer.append(buffer[..<count])
            while let line = try? framer.nextLine() {
                guard case .success(let request) = Request.decode(line) else { return peer.hangUp() }
                log.withLock { $0.append(request) }
                handler(request, peer)
            }
        }
    }
}

/// The client's end of one connection, as the fake daemon sees it.
public final class Peer: Sendable {
    let descriptor: Int32

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Sends bytes as they are.
    public func send(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Answers a request with a result.
    public func reply(_ result: some WireValue, to request: Request) {
        var writer = JSONWriter()
        Reply.write(result, to: request.id, into: &writer)
        send(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Answers a request with an error.
    public func reply(error: ProtocolError, to request: Request) {
        var writer = JSONWriter()
        Reply.write(error: error, to: request.id, into: &writer)
        send(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Tells something that nobody has asked for.
    public func send(_ notice: Notice) {
        var writer = JSONWriter()
        notice.write(into: &writer)
        send(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Ends the connection.
    public func hangUp() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
