import SupdHost

/// What clients at the control socket do, and what came back to them.
extension SimulatedHost {
    /// Connects a client as `uid`.
    public func connect(uid: UInt32 = 0) -> SimulatedClient {
        let channel = openStream()
        waitingClients.append((channel, PeerCredentials(pid: 4242, uid: uid, gid: uid)))
        return SimulatedClient(channel: channel)
    }

    /// Sends bytes as that client.
    public func send(_ text: String, as client: SimulatedClient) {
        streams[client.channel.descriptor]?.incoming += Array(text.utf8)
    }

    /// Takes what the daemon has written to that client.
    public func receive(as client: SimulatedClient) -> String {
        guard let bytes = streams[client.channel.descriptor]?.outgoing else { return "" }
        streams[client.channel.descriptor]?.outgoing = []
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Closes that client's end.
    public func hangUp(_ client: SimulatedClient) { streams[client.channel.descriptor]?.isEnded = true }

    /// Says as that client that nothing more will come, as shutdown(2) with SHUT_WR does; it goes on reading.
    public func endInput(of client: SimulatedClient) { streams[client.channel.descriptor]?.isHalfClosed = true }

    /// Whether the daemon has closed its end of that client's connection.
    public func isClosed(_ client: SimulatedClient) -> Bool {
        streams[client.channel.descriptor]?.isClosed ?? true
    }
}
