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
                warnOnce(
                    .init(kind: .connection, uid: settings.uid), "connections cannot be accepted: \(error); they wait")
                return
            }
        }
    }

    private func welcome(_ channel: Channel, _ peer: PeerCredentials) {
        if let refusal = control.refusal(uid: peer.uid, own: settings.uid) {
            refuse(channel, peer, refusal)
            return
        }
        guard mayAnswer,
            let task = try? drain.register(
                "control uid \(peer.uid) pid \(peer.pid)", kind: .service, phase: .flush, isOwn: true)
        else {
            turnAway(channel, ProtocolError(.shuttingDown, "supd is shutting down"))
            return
        }
        let slot = control.add(
            ClientConnection(channel: channel, peer: peer, isStranger: !mayAnything(peer), task: task))
        host.tellHangUp(of: channel)
        host.watch(channel, readable: true, writable: false)
        control.touch(slot)
    }

    private func refuse(_ channel: Channel, _ peer: PeerCredentials, _ why: String) {
        turnAway(channel, ProtocolError(.busy, "supd takes no more connections: \(why)"))
        warnOnce(
            .init(kind: .connection, uid: peer.uid),
            "a connection of uid \(peer.uid), pid \(peer.pid) was refused: \(why)")
    }

    /// Says of clients that were turned away what others can bring about as often as they like: the first of its kind, and later
    /// how many more there were.
    func warnOnce(_ subject: RefusalNotices.Subject, _ text: @autoclosure () -> String) {
        if control.notices.note(subject, now: host.now) { log.warning(text(), kind: .controlTrouble) }
        if let due = control.notices.due { host.arm(TimerKind.refusals.token(), at: due) }
    }

    func sumUpRefusals() {
        if let summary = control.notices.summary() { log.warning(summary, kind: .controlTrouble) }
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

    func readRequests(_ channel: Channel, _ slot: Int) {
        let result = withUnsafeTemporaryAllocation(byteCount: Self.readPerTurn, alignment: 16) { buffer in
            let result = host.read(channel, into: buffer)
            if case .bytes(let count) = result {
                control.update(slot) {
                    $0.framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    $0.mayHaveRequest = true
                }
            }
            return result
        }
        switch result {
        case .bytes: control.enqueue(slot)
        case .wouldBlock: break
        case .end:
            // Half-closed: what was asked is still answered. Where nobody is left, that is told next.
            control.update(slot) { $0.isAtEnd = true }
        case .failed:
            lose(slot)
            control.update(slot) { $0.isAtEnd = true }
        }
    }

    /// Nobody is at the other end any more, or nobody that reads. What was asked for is carried out; what waits for an answer is
    /// forgotten.
    func lose(_ slot: Int) {
        dropWaiters(of: slot)
        endFollowing(slot)
        control.update(slot) { $0.lose() }
        control.enqueue(slot)
    }

    func flushConnections() {
        while let slot = control.nextTouched() { flush(slot) }
    }

    func flush(_ slot: Int) {
        guard let connection = control[slot] else { return }
        let start = connection.written
        var written = start
        var failed = false
        connection.output.bytes.withUnsafeBytes { bytes in
            while written < bytes.count {
                let result = host.write(connection.channel, UnsafeRawBufferPointer(rebasing: bytes[written...]))
                guard case .wrote(let count) = result else {
                    if case .failed = result { failed = true }
                    return
                }
                written += count
            }
        }
        connection.written = written
        // What was written goes at the latest when it is as much as may wait: a list can be long.
        if connection.waiting == 0 || written >= ProtocolLimits.bytesWaitingToBeWritten {
            connection.output.removeFirst(written)
            connection.written = 0
        }
        if failed { lose(slot) }
        settle(connection, slot, progressed: written > start)
    }

    /// After a connection has moved: have it get a turn for what its limits held back, close it where it is done, watch what it can
    /// do next, and give it a deadline where it owes something.
    private func settle(_ connection: ClientConnection, _ slot: Int, progressed: Bool) {
        if connection.isDone { return close(slot) }
        control.enqueue(slot)
        let reading = connection.mayRead
        let writing = connection.waiting > 0
        if reading != connection.watchesReading || writing != connection.watchesWriting {
            host.watch(connection.channel, readable: reading, writable: writing)
        }
        var deadline = connection.stalledDeadline
        if !connection.owes {
            deadline = nil
        } else if deadline == nil || (progressed && writing && !connection.isStranger && !connection.isSentAway) {
            let limit =
                connection.isSentAway ? ProtocolLimits.followerFarewell : ProtocolLimits.stalledClientDeadline
            deadline = host.now.advanced(by: limit)
        }
        if deadline != connection.stalledDeadline {
            let token = TimerKind.connection.token(slot)
            if let deadline { host.arm(token, at: deadline) } else { host.disarm(token) }
        }
        connection.watchesReading = reading
        connection.watchesWriting = writing
        connection.stalledDeadline = deadline
    }

    func closeStalledConnection(_ slot: Int) {
        guard let connection = control[slot], let deadline = connection.stalledDeadline, deadline <= host.now
        else { return }
        let who = "uid \(connection.peer.uid), pid \(connection.peer.pid)"
        if connection.isStranger {
            log.debug("closed the connection of \(who): its user may not command supd")
        } else if connection.isSentAway {
            log.debug("closed the connection of \(who): it has not read the end of what it followed")
        } else {
            let what = connection.waiting > 0 ? "does not read its replies" : "has sent only half a request"
            warnOnce(.init(kind: .stay, uid: connection.peer.uid), "closed the connection of \(who): it \(what)")
        }
        // An order that is half carried out is carried out to its end.
        lose(slot)
        control.update(slot) { $0.isClosing = true }
    }

    func close(_ slot: Int) {
        endFollowing(slot)
        guard let connection = control.remove(slot) else { return }
        host.disarm(TimerKind.connection.token(slot))
        host.close(connection.channel)
        host.disarm(TimerKind.rest.token(slot))
        dropWaiters(of: slot)
        drain.complete(connection.task)
    }

    /// Closes each connection once its replies are out.
    func beginClosingConnections() {
        for slot in control.slots.indices {
            control.update(slot) {
                $0.isClosing = true
                $0.hasNews = true
            }
        }
    }

    /// Time is up: a client that has read all of its replies is no task that had to be given up. It stays until the end
    /// for the report.
    func completeIdleConnections() {
        for connection in control.slots.compactMap({ $0 }) where connection.waiting == 0 && connection.lists.isEmpty {
            drain.complete(connection.task)
        }
    }

    func closeAllConnections() {
        for slot in control.slots.indices { close(slot) }
    }
}
