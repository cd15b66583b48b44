import SupdJSON
import SupdConnection
import SupdPlugin
import SupdProtocol

/// One connection of the async client, with what is on its way in and out.
final class ClientLink {
    private let socket: ControlSocket
    private var framer = LineFramer(limit: ProtocolLimits.replyBytes)
    private var outgoing = JSONWriter()
    private var sent = 0
    private var isAtEnd = false

    init(_ socket: consuming ControlSocket) {
        self.socket = socket
    }

    var descriptor: Int32 { socket.descriptor }

    var hasOutgoing: Bool { sent < outgoing.count }

    func append(_ request: Request) {
        if !hasOutgoing {
            outgoing.removeAll()
            sent = 0
        }
        request.encode(into: &outgoing)
    }

    /// Writes what fits.
    func flush() throws(ClientError) {
        while hasOutgoing {
            var transfer = ControlSocket.Transfer.wouldBlock
            outgoing.withBytes { transfer = socket.write(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            switch transfer {
            case .bytes(let count): sent += count
            case .wouldBlock: return
            // Reading tells what the daemon said before it closed, and then of the end.
            case .end: sent = outgoing.count
            case .failed(let error): throw .failed(call: "send", error)
            }
        }
    }

    /// The next line, nil where none has come. Throws `closed` once all that came before the end is read.
    ///
    /// Nothing is read from the socket as long as there is a line that was: what is not asked for stays with the daemon.
    func receive() throws(ClientError) -> JSONValue? {
        while true {
            if let line = try framer.nextDocument() { return line }
            if isAtEnd { throw .closed }
            switch socket.read(into: &framer) {
            case .bytes: continue
            case .wouldBlock: return nil
            case .end: isAtEnd = true
            case .failed(let error): throw .failed(call: "recv", error)
            }
        }
    }
}
