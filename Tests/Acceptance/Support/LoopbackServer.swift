import Glibc

/// A socket of this process that listens on the loopback, at a port of the kernel's choice.
final class LoopbackServer: Sendable {
    /// One end of a connection that is nowhere accepted: established for the kernel all the same.
    struct Connection {
        let descriptor: Descriptor

        /// Has both ends see the end of it: a reset, which leaves nothing to wait for.
        func shut() {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                descriptor.number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            var unspecified = sockaddr(
                sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
            Glibc.connect(descriptor.number, &unspecified, socklen_t(MemoryLayout<sockaddr>.size))
        }
    }

    let port: Int
    private let descriptor: Descriptor

    /// A server that listens, or one whose port is bound only: connections are refused.
    init(isListening: Bool = true) throws {
        descriptor = try Self.socket()
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let own = descriptor.number
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(own, address, length) | getsockname(own, address, &length)
            }
        }
        guard result == 0 else { throw Failure("no socket is bound: \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        if isListening { try listen() }
    }

    func listen() throws {
        guard Glibc.listen(descriptor.number, 64) == 0 else { throw Failure("no socket listens: \(errno)") }
    }

    func connect() throws -> Connection {
        let client = try Self.socket()
        var address = Self.loopback(port: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(client.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure("connect to \(port): \(errno)") }
        return Connection(descriptor: client)
    }

    /// Stops listening: the next connection is refused.
    func shut() { shutdown(descriptor.number, Int32(SHUT_RDWR)) }

    private static func socket() throws -> Descriptor {
        let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        return try Descriptor(answer: number < 0 ? -errno : number, of: "socket")
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return address
    }
}
