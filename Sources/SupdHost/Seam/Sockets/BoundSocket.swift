/// A bound socket that the host keeps.
public struct BoundSocket: Hashable, Sendable {
    /// The descriptor's number, or the simulated host's.
    public var descriptor: Int32

    /// The socket of that number.
    public init(descriptor: Int32) { self.descriptor = descriptor }
}

/// A socket as a child gets it.
public struct PassedSocket: Hashable, Sendable {
    /// Its name in LISTEN_FDNAMES.
    public var name: String
    /// Which.
    public var socket: BoundSocket

    /// The socket under this name.
    public init(name: String, socket: BoundSocket) {
        self.name = name
        self.socket = socket
    }
}
