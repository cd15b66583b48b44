import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The connections at the control socket, by slot: a slot's number names a connection in timers and waiting orders.
struct ControlServer {
    /// Where connections come from.
    var listener: Channel?
    /// Whether the last one that came was turned away.
    var isRefusing = false
    /// The connections.
    private(set) var slots: [ClientConnection?] = []
    private var slotOfChannel: [Channel: Int] = [:]
    /// Slots whose output or standing has changed in this turn.
    var touched: [Int] = []

    /// How many connections there are.
    var count: Int { slotOfChannel.count }

    func connection(of channel: Channel) -> Int? { slotOfChannel[channel] }

    /// Why a client of `uid` may not have another connection, or nil.
    func refusal(uid: UInt32) -> String? {
        let all = ProtocolLimits.connections
        let kept = ProtocolLimits.connectionsKeptForRoot
        if uid == 0 {
            return count < all ? nil : "\(all) connections are open, which is the limit"
        }
        if count >= all - kept { return "\(count) connections are open, and the rest is kept for root" }
        let own = slots.lazy.filter { $0?.peer.uid == uid }.count
        let limit = ProtocolLimits.connectionsPerUser
        return own < limit ? nil : "uid \(uid) has \(own) connections, which is the limit for one user"
    }

    mutating func add(_ connection: ClientConnection) {
        let slot = slots.firstIndex { $0 == nil } ?? slots.count
        if slot == slots.count { slots.append(connection) } else { slots[slot] = connection }
        slotOfChannel[connection.channel] = slot
    }

    mutating func remove(_ slot: Int) -> ClientConnection? {
        guard slots.indices.contains(slot), let connection = slots[slot] else { return nil }
        slots[slot] = nil
        slotOfChannel[connection.channel] = nil
        return connection
    }

    /// Changes the connection in `slot`, if there is one, and has it looked at before the turn ends.
    mutating func update(_ slot: Int, _ body: (inout ClientConnection) -> Void) {
        touched.append(slot)
        amend(slot, body)
    }

    /// Changes the connection in `slot`, if there is one.
    mutating func amend(_ slot: Int, _ body: (inout ClientConnection) -> Void) {
        // Taken out while it is changed, so that its buffers are not copied.
        guard slots.indices.contains(slot), var connection = slots[slot] else { return }
        slots[slot] = nil
        body(&connection)
        slots[slot] = connection
    }
}
