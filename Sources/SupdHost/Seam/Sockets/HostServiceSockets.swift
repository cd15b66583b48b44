package import SupdPlugin

/// Sockets that the daemon holds for services.
package protocol HostServiceSockets: AnyObject {
    /// Binds a socket, and listens on it where it is a stream's. A file of a socket that nobody listens on any more is replaced.
    func bind(_ socket: ListenSocket) -> Result<BoundSocket, ErrorNumber>
    /// The sockets that the service manager handed over, but for the control socket; nothing at a second call.
    func takeHandedOverSockets() -> [HandedOverSocket]
    /// Closes a bound socket, and removes the file it made.
    func unbind(_ socket: BoundSocket)
}
