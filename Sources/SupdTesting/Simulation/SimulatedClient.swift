import SupdHost

/// A client at the simulated control socket. Made by `SimulatedHost.connect`.
public struct SimulatedClient: Hashable, Sendable {
    let channel: Channel
}

/// One end of a simulated stream.
struct SimulatedStream {
    /// What the daemon has not read yet.
    var incoming: [UInt8] = []
    /// What the daemon has written.
    var outgoing: [UInt8] = []
    /// How much `outgoing` may hold; what is read makes room.
    var room = 64 * 1024
    /// Whether the other end is closed.
    var isEnded = false
    /// Whether the other end says that nothing more will come.
    var isHalfClosed = false
    var watchesReading = false
    var watchesWriting = false
    var tellsHangUp = false
    /// How long the next read takes; nil for one that is back at once.
    var readTime: Duration?
    /// Whether a read is under way.
    var isBeingRead = false
    /// Whether the daemon has closed its end.
    var isClosed = false

    /// Whether a read would give something, or that nothing more will come.
    var isReadable: Bool { !isBeingRead && (!incoming.isEmpty || isEnded || isHalfClosed) }
}
