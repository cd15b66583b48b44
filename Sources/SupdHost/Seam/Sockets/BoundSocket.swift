/// A bound socket that the host keeps.
package struct BoundSocket: Hashable, Sendable {
    /// The descriptor's number, or the simulated host's.
    package var descriptor: Int32

    /// The socket of that number.
    package init(descriptor: Int32) { self.descriptor = descriptor }
}

/// A descriptor that a child gets at a number of its own choice.
package struct PassedDescriptor: Hashable, Sendable {
    /// The number.
    package var number: Int32
    /// Which.
    package var descriptor: BoundSocket

    /// The descriptor at this number.
    package init(number: Int32, descriptor: BoundSocket) {
        self.number = number
        self.descriptor = descriptor
    }
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
