import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// The control socket's connections: who comes, and goes, bytes in and bytes out, the limits on both, and replies.
final class ControlServer {
    /// How many connections are accepted in one turn.
    private static let acceptsPerTurn = 16
    /// How many bytes are read from one connection in one turn.
    private static let readPerTurn = 16 * 1024

    /// Where they are read to.
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: ControlServer.readPerTurn, alignment: 16)

    private unowned let seam: any ControlSeam
    private let host: any Host
    private let channels: ChannelTable
    private let log: DaemonLog
    private let access: AccessControl
    /// Where connections come from.
    private var listener: Channel?
    private var table = ConnectionTable()
    /// What was said of clients that were turned away.
    private var notices = RefusalNotices()
    /// Has what a connection waits for be forgotten.
    var forget: (_ slot: Int) -> Void = { _ in }

    /// One without connections, which goes by `access`.
    init(_ seam: any ControlSeam, _ access: AccessControl) {
        self.seam = seam
        self.access = access
        host = seam.host
        channels = seam.channels
        log = seam.log
    }

    deinit { room.deallocate() }

    // MARK: What is asked of it

    /// How many connections there are, and how many there may be.
    var count: Int { table.count }
    var limit: Int {
        get { table.limit }
        set { table.limit = newValue }
    }

    /// All that there are.
    var connections: [ClientConnection] { table.slots.compactMap { $0 } }

    /// The connection in `slot`, if there is one.
    subscript(slot: Int) -> ClientConnection? { table[slot] }

    /// Who is there.
    func peer(of slot: Int) -> PeerCredentials? { table[slot]?.peer }

    /// Who is there, unless that is somebody who may see everything.
    func viewer(_ slot: Int) -> Viewer? {
        guard let connection = table[slot], !connection.mayEverything else { return nil }
        return access.viewer(connection.peer)
    }

    // MARK: Turns

    /// Whether somebody wants a turn.
    var hasQueued: Bool { table.hasQueued }
    /// The one whose turn it is.
    func nextInQueue() -> ClientConnection? { table.nextInQueue() }
    /// Has the connection get a turn where it wants one (`ConnectionTable.enqueue`).
    func enqueue(_ slot: Int) { table.enqueue(slot) }
    /// Lets those that waited for what others do look again.
    func unpark() { table.unpark() }
    /// Has a connection looked at before the turn ends, and get a turn where it wants one.
    func attend(to connection: ClientConnection, later: Bool = false) { table.attend(to: connection, later: later) }

    /// Changes the connection in `slot`, if there is one, and has it looked at before the turn ends.
    func update(_ slot: Int, _ body: (ClientConnection) -> Void) {
        guard let connection = table[slot] else { return }
        body(connection)
        table.touch(slot)
    }

    /// Has those that follow something look where something has come.
    func tellFollowers() {
        for slot in table.slots.indices where table[slot]?.following != nil {
            table[slot]?.hasNews = true
            table.enqueue(slot)
        }
    }

    // MARK: Coming

    /// Takes connections from here; nil for none. Who had connected to the one before is still served.
    func listen(to listener: Channel?) {
        if let before = self.listener {
            accept()
            channels[before] = nil
            host.closeListener(before)
        }
        self.listener = listener
        guard let listener else { return }
        channels[listener] = .listener
        host.watch(listener, readable: true, writable: false)
    }

    func accept() {
        guard let listener else { return }
        for _ in 0..<Self.acceptsPerTurn {
            switch host.accept(listener) {
            case .connection(let channel, let peer): welcome(channel, peer)
            case .none: return
            case .connectionToRefuse(let channel, let peer, let error):
                refuse(channel, peer, "it has no file descriptor left: \(error); raise its limit of open files")
            case .failed(let error):
                warnOnce(
                    .init(kind: .connection, uid: seam.settings.uid),
                    "connections cannot be accepted: \(error); they wait")
                return
            }
        }
    }

    private func welcome(_ channel: Channel, _ peer: PeerCredentials) {
        if let refusal = table.refusal(uid: peer.uid, own: seam.settings.uid) {
            // For one that is not to be answered nobody gives way.
            guard mayAnswer, makeRoom(for: peer, as: refusal) else { return refuse(channel, peer, refusal) }
        }
        guard mayAnswer,
            let task = try? seam.drain.tasks.register(
                "control uid \(peer.uid) pid \(peer.pid)", kind: .service, phase: .flush, isOwn: true)
        else {
            turnAway(channel, peer, ProtocolError(.shuttingDown, "supd is shutting down"))
            return
        }
        let slot = table.add(
            ClientConnection(
                channel: channel, peer: peer, isStranger: !access.mayAnything(peer),
                mayEverything: access.mayEverything(peer), task: task, now: host.now))
        channels[channel] = .connection(slot)
        host.tellHangUp(of: channel)
        host.watch(channel, readable: true, writable: false)
        table.touch(slot)
    }

    /// Who may do everything is not kept out by connections of the same user that are stuck, or forgotten: one of them is closed. False
    /// where there is none.
    private func makeRoom(for peer: PeerCredentials, as limit: String) -> Bool {
        let silence = host.now.advanced(by: .zero - ProtocolLimits.silenceBeforeGivingWay)
        guard access.mayEverything(peer), let slot = table.dispensable(of: peer.uid, silentSince: silence),
            let connection = table[slot]
        else { return false }
        let before = connection.peer
        warnOnce(
            .init(kind: .stay, uid: peer.uid),
            "closed the connection of uid \(before.uid), pid \(before.pid), for a new one of pid \(peer.pid): \(limit)")
        let reason = "supd closes this connection for a new one of your user: \(limit); what was ordered here stands"
        // Behind half a reply it would be no line of its own.
        if connection.waiting == 0, connection.lists.first?.hasBegun != true {
            sendLast(ProtocolError(.busy, reason), on: connection.channel)
        }
        lose(slot)
        connection.isClosing = true
        flush(slot)
        return true
    }

    private func refuse(_ channel: Channel, _ peer: PeerCredentials, _ why: String) {
        turnAway(channel, peer, ProtocolError(.busy, "supd takes no more connections: \(why)"))
        warnOnce(
            .init(kind: .connection, uid: peer.uid),
            "a connection of uid \(peer.uid), pid \(peer.pid) was refused: \(why)")
    }

    /// While services are still going down, people may look how far it is.
    private var mayAnswer: Bool {
        switch seam.drain.stage {
        case .phase(.flush), .finished: false
        case .idle, .phase, .held: true
        }
    }

    private func turnAway(_ channel: Channel, _ peer: PeerCredentials, _ error: ProtocolError) {
        sendLast(error, on: channel)
        host.closeConnection(channel, of: peer.uid)
    }

    /// What does not fit into the socket's buffer is not worth waiting for.
    private func sendLast(_ error: ProtocolError, on channel: Channel) {
        var writer = JSONWriter()
        Reply.write(error: error, to: nil, into: &writer)
        writer.withBytes { _ = host.write(channel, $0) }
    }

    // MARK: Refusals

    /// Says of clients that were turned away what others can bring about as often as they like: the first of its kind, and later
    /// how many more there were.
    private func warnOnce(_ subject: RefusalNotices.Subject, _ text: @autoclosure () -> String) {
        if notices.note(subject, now: host.now) { log.warning(text(), kind: .controlTrouble) }
        if let due = notices.due { host.arm(TimerKind.refusals.token(), at: due) }
    }

    func sumUpRefusals() {
        if let summary = notices.summary() { log.warning(summary, kind: .controlTrouble) }
    }

    /// Counts and logs that a request of `method`, which takes `access`, was denied, wholly or of some services.
    func noteDenial(of method: String, needs access: AccessClass, _ slot: Int) {
        guard let connection = table[slot] else { return }
        let peer = connection.peer
        warnOnce(
            .init(kind: .request(method), uid: peer.uid),
            "denied \(method) to uid \(peer.uid), pid \(peer.pid): it needs '\(access.rawValue)'")
        connection.denials += 1
        guard connection.denials.isMultiple(of: ProtocolLimits.denialsBeforeRest) else { return }
        connection.isResting = true
        host.arm(TimerKind.rest.token(slot), at: host.now.advanced(by: ProtocolLimits.restAfterDenials))
    }

    /// Takes requests of a connection again.
    func endRest(of slot: Int) { update(slot) { $0.isResting = false } }

    // MARK: Bytes

    func read(_ channel: Channel, _ slot: Int) {
        switch host.receive(channel, into: room) {
        case .bytes(let count):
            guard let connection = table[slot] else { return }
            connection.framer.append(UnsafeRawBufferPointer(rebasing: room[..<count]))
            connection.mayHaveRequest = true
            connection.heardAt = host.now
            table.attend(to: connection)
        case .wouldBlock, .underWay: break
        case .end:
            // Half-closed: what was asked is still answered, also where its last line has no end. Where nobody is left, that is told next.
            update(slot) {
                $0.isAtEnd = true
                if $0.framer.end() { $0.mayHaveRequest = true }
            }
            table.enqueue(slot)
        case .failed(.descriptorsCame):
            // What came with them stays unread: the answer is the last thing the client hears.
            reply(
                to: slot, id: nil,
                error: ProtocolError(.invalidRequest, "file descriptors are sent along (SCM_RIGHTS); supd takes none"))
            update(slot) {
                $0.isAtEnd = true
                $0.isClosing = true
            }
        case .failed:
            lose(slot)
            update(slot) { $0.isAtEnd = true }
        }
    }

    /// Writes what waits in all connections that were touched, after what the daemon's log has to say of it.
    func flush() {
        log.handOver()
        while let connection = table.nextTouched() { flush(connection) }
    }

    func flush(_ slot: Int) {
        if let connection = table[slot] { flush(connection) }
    }

    private func flush(_ connection: ClientConnection) {
        let start = connection.written
        var written = start
        var failed = false
        connection.output.withBytes { bytes in
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
        if failed { lose(connection.slot) }
        settle(connection, progressed: written > start)
    }

    /// After a connection has moved: have it get a turn for what its limits held back, close it where it is done, watch what it can
    /// do next, and give it a deadline where it owes something.
    private func settle(_ connection: ClientConnection, progressed: Bool) {
        if connection.isDone { return close(connection.slot) }
        table.enqueue(connection)
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
            let token = TimerKind.connection.token(connection.slot)
            if let deadline { host.arm(token, at: deadline) } else { host.disarm(token) }
        }
        connection.watchesReading = reading
        connection.watchesWriting = writing
        connection.stalledDeadline = deadline
    }

    // MARK: Going

    /// Nobody is at the other end any more, or nobody that reads. What was asked for is carried out; what waits for an answer is
    /// forgotten.
    func lose(_ slot: Int) {
        if let connection = table[slot], connection.inFlight > 0 { forget(slot) }
        endFollowing(slot)
        update(slot) { $0.lose() }
        table.enqueue(slot)
    }

    func closeStalled(_ slot: Int) {
        guard let connection = table[slot], let deadline = connection.stalledDeadline, deadline <= host.now
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
        update(slot) { $0.isClosing = true }
    }

    private func close(_ slot: Int) {
        endFollowing(slot)
        guard let connection = table.remove(slot) else { return }
        channels[connection.channel] = nil
        host.disarm(TimerKind.connection.token(slot))
        host.closeConnection(connection.channel, of: connection.peer.uid)
        host.disarm(TimerKind.rest.token(slot))
        seam.drain.tasks.complete(connection.task)
    }

    /// Nobody is there to follow anything any more.
    private func endFollowing(_ slot: Int) {
        guard let connection = table[slot] else { return }
        connection.following?.end()
        connection.following = nil
    }

    /// Closes each connection once its replies are out.
    func beginClosing() {
        for slot in table.slots.indices {
            update(slot) {
                $0.isClosing = true
                $0.hasNews = true
            }
        }
    }

    /// Time is up: a client that has read all of its replies is no task that had to be given up. It stays until the end
    /// for the report.
    func completeIdle() {
        for connection in connections where connection.waiting == 0 && connection.lists.isEmpty {
            seam.drain.tasks.complete(connection.task)
        }
    }

    func closeAll() {
        for slot in table.slots.indices { close(slot) }
    }
}

// MARK: - Replies

extension ControlServer {
    func reply(to slot: Int, id: RequestID?, error: ProtocolError) {
        // A line that could not be read has no id, and is answered all the same.
        update(slot) { $0.write { Reply.write(error: error, to: id, into: &$0) } }
    }

    func reply(to slot: Int, id: RequestID?, _ result: some WireValue) {
        guard let id else { return }
        update(slot) { $0.write { Reply.write(result, to: id, into: &$0) } }
    }

    func reply(to slot: Int, _ list: ListReply) {
        update(slot) { if !$0.isGone { $0.lists.append(list) } }
        enqueue(slot)
    }

    /// Has the connection wait for an answer; nil where none is wanted.
    func ticket(_ request: Request, _ slot: Int) -> ReplyTicket? {
        guard let id = request.id, let connection = self[slot] else { return nil }
        connection.inFlight += 1
        return ReplyTicket(slot: slot, channel: connection.channel, id: id)
    }

    /// The connection waits no more; false where it is gone, and another one is in its place perhaps.
    func release(_ ticket: ReplyTicket) -> Bool {
        guard self[ticket.slot]?.channel == ticket.channel else { return false }
        update(ticket.slot) { $0.inFlight -= 1 }
        return true
    }

    func answer(_ ticket: ReplyTicket, _ error: ProtocolError) {
        if release(ticket) { reply(to: ticket.slot, id: ticket.id, error: error) }
    }

    func answer(_ ticket: ReplyTicket, _ result: some WireValue) {
        if release(ticket) { reply(to: ticket.slot, id: ticket.id, result) }
    }
}
