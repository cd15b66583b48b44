import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Bytes in, bytes out, and the limits on both.
extension Supervisor {
    /// How many connections are accepted in one turn.
    static let acceptsPerTurn = 16
    /// How many bytes are read from one connection in one turn.
    static let readPerTurn = 16 * 1024

    func acceptConnections() {
        guard let listener = control.listener else { return }
        for _ in 0..<Self.acceptsPerTurn {
            switch host.accept(listener) {
            case .connection(let channel, let peer): welcome(channel, peer)
            case .none: return
            case .connectionToRefuse(let channel, let peer, let error):
                refuse(channel, peer, "it has no file descriptor left: \(error); raise its limit of open files")
            case .failed(let error):
                sayRefused("connections cannot be accepted: \(error); they wait")
                return
            }
        }
    }

    private func welcome(_ channel: Channel, _ peer: PeerCredentials) {
        if let refusal = control.refusal(uid: peer.uid) {
            refuse(channel, peer, refusal)
            return
        }
        control.isRefusing = false
        guard mayAnswer,
            let task = try? registry.register(
                "control uid \(peer.uid) pid \(peer.pid)", kind: .service, phase: .flush, isOwn: true,
                now: host.now)
        else {
            turnAway(channel, ProtocolError(.shuttingDown, "supd is shutting down"))
            return
        }
        control.add(ClientConnection(channel: channel, peer: peer, task: task))
        host.watch(channel, readable: true, writable: false)
    }

    private func refuse(_ channel: Channel, _ peer: PeerCredentials, _ why: String) {
        turnAway(channel, ProtocolError(.busy, "supd takes no more connections: \(why)"))
        sayRefused("a connection of uid \(peer.uid), pid \(peer.pid) was refused: \(why)")
    }

    /// Said once until a connection is taken again.
    private func sayRefused(_ text: String) {
        if !control.isRefusing { log.warning(text) }
        control.isRefusing = true
    }

    /// While services are still going down, people may look how far it is.
    private var mayAnswer: Bool {
        switch drain.stage {
        case .phase(.flush), .finished: false
        case .idle, .phase, .held: true
        }
    }

    private func turnAway(_ channel: Channel, _ error: ProtocolError) {
        var writer = JSONWriter()
        Reply.write(error: error, to: nil, into: &writer)
        // What does not fit into the fresh socket's buffer is not worth waiting for.
        _ = writer.bytes.withUnsafeBytes { host.write(channel, $0) }
        host.close(channel)
    }

    func readRequests(_ channel: Channel) {
        guard let slot = control.connection(of: channel) else { return }
        let result = withUnsafeTemporaryAllocation(byteCount: Self.readPerTurn, alignment: 16) { buffer in
            let result = host.read(channel, into: buffer)
            if case .bytes(let count) = result {
                control.update(slot) { $0.framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            }
            return result
        }
        switch result {
        case .bytes: _ = takeRequests(slot)
        case .wouldBlock: break
        case .end:
            // Half-closed: what was asked is still answered.
            control.update(slot) { $0.isAtEnd = true }
        case .failed: close(slot)
        }
    }

    /// Serves what has come whole, as long as the client keeps within its limits. False where there was nothing.
    private func takeRequests(_ slot: Int) -> Bool {
        var taken = false
        while control.slots[slot]?.mayServe == true {
            var decoded: Result<Request, RejectedRequest>?
            var overrun: Int?
            control.amend(slot) { connection in
                do throws(LineFramer.LineTooLong) {
                    decoded = try connection.framer.withNextLine { Request.decode($0) }
                } catch {
                    overrun = error.limit
                }
            }
            if let overrun {
                // Where the next request begins is unknown: the answer is the last thing the client hears.
                let error = ProtocolError(.invalidRequest, "a request is longer than \(overrun) bytes")
                reply(to: slot, id: nil, error: error)
                control.update(slot) { $0.isClosing = true }
                return true
            }
            switch decoded {
            case .success(let request)?: serve(request, slot)
            case .failure(let rejected)?:
                if !rejected.isNotification { reply(to: slot, id: rejected.id, error: rejected.error) }
            case nil: return taken
            }
            taken = true
        }
        return taken
    }

    func reply(to slot: Int, id: RequestID?, error: ProtocolError) {
        control.update(slot) { Reply.write(error: error, to: id, into: &$0.output) }
    }

    func reply(to slot: Int, id: RequestID?, _ result: some WireValue) {
        guard let id else { return }
        control.update(slot) { Reply.write(result, to: id, into: &$0.output) }
    }

    func flush(_ channel: Channel) {
        guard let slot = control.connection(of: channel) else { return }
        flush(slot)
    }

    func flushConnections() {
        while let slot = control.touched.popLast() { flush(slot) }
    }

    private func flush(_ slot: Int) {
        guard let (channel, start) = control.slots[slot].map({ ($0.channel, $0.written) }) else { return }
        var written = start
        var failed = false
        control.amend(slot) { connection in
            connection.output.bytes.withUnsafeBytes { bytes in
                while written < bytes.count {
                    let result = host.write(channel, UnsafeRawBufferPointer(rebasing: bytes[written...]))
                    guard case .wrote(let count) = result else {
                        if case .failed = result { failed = true }
                        return
                    }
                    written += count
                }
            }
            connection.written = written
            if written == connection.output.bytes.count {
                connection.output.removeAll(keepingCapacity: written <= 4096)
                connection.written = 0
            }
        }
        if failed { close(slot) } else { settle(slot, progressed: written > start) }
    }

    /// After a connection has moved: serve what its limits held back, close it where it is done, watch what it can do
    /// next, and give it a deadline where it owes something.
    private func settle(_ slot: Int, progressed: Bool) {
        guard !takeRequests(slot), let connection = control.slots[slot] else { return }
        if connection.waiting == 0, connection.inFlight == 0, connection.isClosing || connection.isAtEnd {
            close(slot)
            return
        }
        let reading = connection.mayRead
        let writing = connection.waiting > 0
        if reading != connection.watchesReading || writing != connection.watchesWriting {
            host.watch(connection.channel, readable: reading, writable: writing)
        }
        var deadline = connection.stalledDeadline
        if !connection.owes {
            deadline = nil
        } else if deadline == nil || (progressed && writing) {
            deadline = host.now.advanced(by: ProtocolLimits.stalledClientDeadline)
        }
        if deadline != connection.stalledDeadline {
            let token = TimerKind.connection.token(slot)
            if let deadline { host.arm(token, at: deadline) } else { host.disarm(token) }
        }
        control.amend(slot) {
            $0.watchesReading = reading
            $0.watchesWriting = writing
            $0.stalledDeadline = deadline
        }
    }

    func closeStalledConnection(_ slot: Int) {
        guard control.slots.indices.contains(slot), let connection = control.slots[slot],
            let deadline = connection.stalledDeadline, deadline <= host.now
        else { return }
        let what = connection.waiting > 0 ? "does not read its replies" : "has sent only half a request"
        log.warning("closed the connection of uid \(connection.peer.uid), pid \(connection.peer.pid): it \(what)")
        close(slot)
    }

    func close(_ slot: Int) {
        guard let connection = control.remove(slot) else { return }
        host.disarm(TimerKind.connection.token(slot))
        host.close(connection.channel)
        for work in waiters.removeAll(of: slot) { host.cancel(work) }
        registry.complete(connection.task)
    }

    /// Closes each connection once its replies are out.
    func beginClosingConnections() {
        for slot in control.slots.indices { control.update(slot) { $0.isClosing = true } }
    }

    /// Time is up: a client that has read all of its replies is no task that had to be given up. It stays until the end
    /// for the report.
    func completeIdleConnections() {
        for connection in control.slots.compactMap({ $0 }) where connection.waiting == 0 {
            registry.complete(connection.task)
        }
    }

    func closeAllConnections() {
        for slot in control.slots.indices { close(slot) }
    }
}
