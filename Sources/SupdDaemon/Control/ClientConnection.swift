import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// One client at the control socket.
struct ClientConnection {
    /// The socket.
    let channel: Channel
    /// Who is there.
    let peer: PeerCredentials
    /// The connection as a registered task.
    let task: TaskID
    /// Bytes that came, cut into lines.
    var framer = LineFramer(limit: ProtocolLimits.requestBytes)
    /// Replies on their way out.
    var output = JSONWriter()
    /// How much of `output` is written already.
    var written = 0
    /// Requests that wait for their answer.
    var inFlight = 0
    /// Whether it is closed once `output` is written.
    var isClosing = false
    /// Whether the other end has said that no more will come.
    var isAtEnd = false
    /// What the host was last asked to watch.
    var watchesReading = true
    var watchesWriting = false
    /// When it is closed unless it moves: half a request has come, or replies are not read.
    var stalledDeadline: MonotonicInstant?

    /// Bytes that wait to be written.
    var waiting: Int { output.bytes.count - written }

    /// Whether another request may be served now.
    var mayServe: Bool {
        !isClosing && waiting < ProtocolLimits.bytesWaitingToBeWritten && inFlight < ProtocolLimits.requestsInFlight
    }

    /// Whether more may be read from it now.
    var mayRead: Bool { mayServe && !isAtEnd }

    /// Whether it owes something: to read its replies, or to send the rest of a request.
    var owes: Bool { waiting > 0 || (mayRead && framer.hasPartialLine) }
}
