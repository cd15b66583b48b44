package import SupdPlugin

/// A descriptor that the service manager handed over, and what it is.
package struct HandedOverSocket: Hashable, Sendable {
    /// Its name (`FileDescriptorName=` in systemd.socket(5)).
    package var name: String
    /// The socket, which the host keeps.
    package var socket: BoundSocket
    /// What a service may use it for; nil where it is no socket, or one of a connection, or of another kind.
    package var kind: ListenSocket.Kind?
    /// Where it is bound; nil where it has no name, or one of another family.
    package var address: ListenAddress?

    /// A socket of these.
    package init(name: String, socket: BoundSocket, kind: ListenSocket.Kind?, address: ListenAddress?) {
        self.name = name
        self.socket = socket
        self.kind = kind
        self.address = address
    }
}
