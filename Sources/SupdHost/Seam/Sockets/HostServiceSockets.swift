package import SupdPlugin

/// Sockets that the daemon holds for services.
package protocol HostServiceSockets: AnyObject {
    /// Binds a socket, and listens on it where it is a stream's. A file of a socket that nobody listens on any more is replaced.
    /// EINPROGRESS where its file system takes its time; whoever asks again later has what became of it.
    /// With `patiently` that is waited for a while, of several once: for what is made ahead of its service's start.
    func bind(_ socket: ListenSocket, patiently: Bool) -> Result<BoundSocket, ErrorNumber>
    /// The sockets that the service manager handed over, but for the control socket; nothing at a second call.
    func takeHandedOverSockets() -> [HandedOverSocket]
    /// Has a socket that an earlier daemon has bound be as `socket` says; false where it is another one, and stays as it is.
    func takeBack(_ given: HandedOverSocket, as socket: ListenSocket) -> Bool
    /// Nobody who has the socket listens on it from now on, and its address is free: whoever waits is refused. To be called before `unbind`.
    func endListening(_ socket: BoundSocket)
    /// Whether nobody has removed the file that a bound socket made, or put another in its place, as far as that can be told soon. True of one
    /// that has made none; nil where its file system takes its time: whoever asks again later is told.
    func isInPlace(_ socket: BoundSocket) -> Bool?
    /// Closes a bound socket, and removes the file it made.
    func unbind(_ socket: BoundSocket)
}

extension ErrorNumber {
    /// EINPROGRESS: what `bind` answers of a socket whose file system takes its time, and a start fails by until that has answered.
    package static var socketIsUnderWay: ErrorNumber { ErrorNumber(115) }
}
