package import Glibc
package import SupdPlugin

/// An IP address and a port.
package struct SocketAddress: CustomStringConvertible, Sendable {
    /// `127.0.0.1:80`, `[::1]:80`.
    package let description: String
    /// AF_INET or AF_INET6.
    package let family: Int32
    private let storage: sockaddr_storage
    private let length: socklen_t

    /// The address that `host` writes in figures, or the loopback for `localhost`; nil for any other name. Asks nobody.
    package init?(host: String, port: UInt16) {
        let figures = host == "localhost" ? "127.0.0.1" : host
        var storage = sockaddr_storage()
        let version4 = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                address.pointee.sin_family = sa_family_t(AF_INET)
                address.pointee.sin_port = port.bigEndian
                return inet_pton(AF_INET, figures, &address.pointee.sin_addr) == 1
            }
        }
        if version4 {
            (family, length) = (AF_INET, socklen_t(MemoryLayout<sockaddr_in>.size))
            description = "\(host):\(port)"
            self.storage = storage
            return
        }
        storage = sockaddr_storage()
        let version6 = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                address.pointee.sin6_family = sa_family_t(AF_INET6)
                address.pointee.sin6_port = port.bigEndian
                return inet_pton(AF_INET6, figures, &address.pointee.sin6_addr) == 1
            }
        }
        guard version6 else { return nil }
        (family, length) = (AF_INET6, socklen_t(MemoryLayout<sockaddr_in6>.size))
        description = "[\(host)]:\(port)"
        self.storage = storage
    }

    /// Gives the address to a system call.
    package func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Whether a socket is connected to itself: a connect(2) to a port that nobody has may be given just that port for its
    /// own end (RFC 9293, simultaneous open).
    package static func isSelfConnected(_ descriptor: Int32) -> Bool {
        func name(_ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> [UInt8]
        {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let result = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &length) }
            }
            guard result == 0 else { return [] }
            return withUnsafeBytes(of: storage) { Array($0.prefix(Int(length))) }
        }
        let own = name { getsockname($0, $1, $2) }
        return !own.isEmpty && own == name { getpeername($0, $1, $2) }
    }
}

extension SocketAddress {
    /// The options `host` and `port`.
    package static let options = [
        OptionDeclaration(
            "host", .text, standard: .text("127.0.0.1"), "An IP address or 'localhost'; names are not looked up."),
        OptionDeclaration("port", .integer(1...65_535), standard: nil, "The TCP port."),
    ]

    /// The address that these options say.
    package init(_ options: PluginOptions) throws(OptionError) {
        let host = options.word("host")
        guard let address = SocketAddress(host: host, port: UInt16(clamping: options.integer("port"))) else {
            throw OptionError(option: "host", message: "must be an IP address or 'localhost'; found '\(host)'")
        }
        self = address
    }
}
