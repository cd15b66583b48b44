import SupdHost
import SupdProtocol

/// A request of a client that is answered later.
struct ReplyTicket {
    let slot: Int
    let channel: Channel
    let id: RequestID
}

extension Supervisor {
    /// Has the connection wait for an answer; nil where none is wanted.
    func ticket(_ request: Request, _ slot: Int) -> ReplyTicket? {
        guard let id = request.id, let connection = control[slot] else { return nil }
        connection.inFlight += 1
        return ReplyTicket(slot: slot, channel: connection.channel, id: id)
    }

    /// The connection waits no more; false where it is gone, and another one is in its place perhaps.
    func release(_ ticket: ReplyTicket) -> Bool {
        guard control[ticket.slot]?.channel == ticket.channel else {
            return false
        }
        control.update(ticket.slot) { $0.inFlight -= 1 }
        return true
    }

    func answer(_ ticket: ReplyTicket, _ error: ProtocolError) {
        if release(ticket) { reply(to: ticket.slot, id: ticket.id, error: error) }
    }

    func answer(_ ticket: ReplyTicket, _ result: some WireValue) {
        if release(ticket) { reply(to: ticket.slot, id: ticket.id, result) }
    }
}
