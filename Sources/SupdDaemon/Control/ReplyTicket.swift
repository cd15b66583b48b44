import SupdHost
import SupdProtocol

/// A request of a client that is answered later.
struct ReplyTicket {
    let slot: Int
    let channel: Channel
    let id: RequestID
}
