/// A bound socket that the host keeps.
package struct BoundSocket: Hashable, Sendable {
    /// The descriptor's number, or the simulated host's.
    package var descriptor: Int32

    /// The socket of that number.
    package init(descriptor: Int32) { self.descriptor = descriptor }
}

/// A socket as a child gets it.
package struct PassedSocket: Hashable, Sendable {
    /// Its name in LISTEN_FDNAMES.
    package var name: String
    /// Which.
    package var socket: BoundSocket

    /// The socket under this name.
    package init(name: String, socket: BoundSocket) {
        self.name = name
        self.socket = socket
    }
}
