import Glibc
import Synchronization
import TestThreads

/// An HTTP/1.1 server on the loopback for tests: each request goes to a closure that says what is done with it.
///
/// Every connection has a thread of its own. Ends with this object.
public final class FakeServer: Sendable {
    /// Called on a connection's thread with each request and its number, from 1.
    public typealias Handler = @Sendable (FakeRequest, Int) -> FakeAnswer

    /// A call that failed while a server was made.
    public struct Failure: Error {
        /// The call.
        public let call: String
        /// Its error.
        public let number: Int32
    }

    /// The port, of the kernel's choice.
    public let port: Int
    private let listener: Int32
    private let handler: Handler
    private let onEnd: @Sendable () -> Void
    private let log = Mutex<[FakeRequest]>([])

    /// A server that answers by `handler`, and calls `onEnd` for each client that closes its connection.
    public static func start(
        _ handler: @escaping Handler, onEnd: @escaping @Sendable () -> Void = {}
    ) throws -> FakeServer {
        let server = try FakeServer(handler, onEnd)
        let listener = server.listener
        try startThread { [weak server] in
            while true {
                let descriptor = accept(listener, nil, nil)
                // The listener was shut down, or the server is gone.
                guard descriptor >= 0, let server else { return }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                try? startThread { server.serve(descriptor) }
            }
        }
        return server
    }

    private init(_ handler: @escaping Handler, _ onEnd: @escaping @Sendable () -> Void) throws {
        self.handler = handler
        self.onEnd = onEnd
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let own = listener
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(own, address, length) | listen(own, 16) | getsockname(own, address, &length)
            }
        }
        guard result == 0 else { throw Failure(call: "bind", number: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Every request so far, in the order they came.
    public var requests: [FakeRequest] { log.withLock { $0 } }

    /// `http://127.0.0.1:PORT` and `path`.
    public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Stops listening: the next connection is refused.
    public func shut() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ descriptor: Int32) {
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return onEnd() }
            bytes += buffer[..<count]
            var end = 0
            while let request = FakeRequest(bytes, end: &end) {
                bytes.removeFirst(end)
                let number = log.withLock { log in
                    log.append(request)
                    return log.count
                }
                switch handler(request, number) {
                case .status(let status, let body): send(descriptor, status, "", body)
                case .header(let status, let header): send(descriptor, status, header + "\r\n", "")
                case .endless: send(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nno end")
                case .silence: break
                case .hangUp: return
                }
            }
        }
    }

    private func send(_ descriptor: Int32, _ status: Int, _ headers: String, _ body: String) {
        send(
            descriptor,
            "HTTP/1.1 \(status) Status\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private func send(_ descriptor: Int32, _ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
