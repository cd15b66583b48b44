package import SupdPlugin

/// What accept gave.
package enum AcceptResult: Hashable, Sendable {
    /// A connection and who is at its other end (unix(7), SO_PEERCRED).
    case connection(Channel, PeerCredentials)
    /// None waits.
    case none
    /// There was no descriptor left but the one kept for this: the connection is to be told so and closed at once.
    case connectionToRefuse(Channel, PeerCredentials, ErrorNumber)
    /// None could be taken, for this reason. What waits goes on waiting, and is told of again a little later.
    case failed(ErrorNumber)
}
