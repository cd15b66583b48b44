/// A socket that the daemon binds and hands to a service (sd_listen_fds(3)).
public struct ListenSocket: Hashable, Sendable {
    /// stream(7) or datagram.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Listened on; the service accepts.
        case stream
        /// Bound; the service receives.
        case datagram
    }

    /// Its name in LISTEN_FDNAMES.
    public var name: String
    /// Where it is bound.
    public var address: ListenAddress
    /// What is sent over it.
    public var kind: Kind
    /// The mode of a path's file.
    public var mode: UInt16
    /// How many connections may wait (listen(2)); the kernel has a limit of its own.
    public var backlog: Int32
    /// Whether each instance has a socket of its own (SO_REUSEPORT) instead of all sharing one.
    public var reusesPort: Bool

    /// A socket of these.
    public init(
        name: String, address: ListenAddress, kind: Kind = .stream, mode: UInt16 = 0o666, backlog: Int32 = 4096,
        reusesPort: Bool = false
    ) {
        self.name = name
        self.address = address
        self.kind = kind
        self.mode = mode
        self.backlog = backlog
        self.reusesPort = reusesPort
    }
}

/// Where a socket is bound, as `listen` has it.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// An address of version 4 or 6 in numbers, without brackets, and a port.
    case internet(host: String, port: UInt16)
    /// A path of the file system (unix(7)).
    case path(String)
    /// A name in the abstract namespace, without its `@`.
    case abstract(String)

    /// `127.0.0.1:8080`, `[::1]:8080`, `/path`, `@name`.
    public var description: String {
        switch self {
        case .internet(let host, let port):
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .path(let path): path
        case .abstract(let name): "@\(name)"
        }
    }
}
