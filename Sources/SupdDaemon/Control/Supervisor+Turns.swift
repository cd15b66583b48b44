import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Requests served, connection by connection, within a bound on the time that they take of each turn.
extension Supervisor {
    /// How many names are looked at in one go.
    static let namesAtOnce = 32

    /// How many steps are taken before the clock is looked at: most requests are done in fewer.
    private static let stepsToTheClock = 4

    /// Gives the connections that want one their turns, until the time is over; what is left then goes on in the loop's next
    /// turn, after its events.
    func serveConnections() {
        guard control.hasQueued else { return }
        lookAtWallClock()
        let end = host.readClock().advanced(by: ProtocolLimits.timePerTurn)
        var steps = 0
        while let slot = control.nextInQueue() {
            takeStep(slot)
            steps += 1
            if steps.isMultiple(of: Self.stepsToTheClock), host.readClock() >= end { return }
        }
    }

    /// Has the loop come back at once where something is left to do.
    func bringAboutNextTurn() {
        if control.hasQueued || !fleet.isSettled || !readLater.isEmpty { host.arm(TimerKind.next.token(), at: host.now) }
    }

    private func takeStep(_ slot: Int) {
        guard let connection = control[slot] else { return }
        var waits = false
        if let work = connection.work {
            switch work.advance(self) {
            case .again: break
            case .waits: waits = true
            case .done: connection.work = nil
            }
        } else if connection.lists.isEmpty {
            takeRequest(connection, slot)
        } else {
            writeList(connection)
        }
        writeNews(connection)
        control.touch(slot)
        control.enqueue(slot, later: waits)
    }

    private func takeRequest(_ connection: ClientConnection, _ slot: Int) {
        guard connection.mayServe else { return }
        let decoded: Result<Request, RejectedRequest>?
        do throws(LineFramer.LineTooLong) {
            decoded = try connection.framer.withNextLine { Request.decode($0) }
        } catch {
            connection.mayHaveRequest = false
            // Where the next request begins is unknown: the answer is the last thing the client hears.
            reply(
                to: slot, id: nil,
                error: ProtocolError(.invalidRequest, "a request is longer than \(error.limit) bytes"))
            connection.isClosing = true
            return
        }
        connection.mayHaveRequest = decoded != nil
        switch decoded {
        case .success(let request)?: serve(request, slot)
        case .failure(let rejected)?:
            if !rejected.isNotification { reply(to: slot, id: rejected.id, error: rejected.error) }
        case nil: break
        }
    }

    /// Writes some elements of the connection's first list.
    private func writeList(_ connection: ClientConnection) {
        guard connection.hasRoom, connection.lists[0].write(self, into: &connection.output) else { return }
        connection.lists.removeFirst()
        connection.output.append(connection.held)
        connection.held = JSONWriter()
    }

    // MARK: Work

    /// Has a connection carry out `work`, and those behind it wait.
    func begin(_ slot: Int, _ work: @escaping RequestWork.Step) {
        control[slot]?.work = RequestWork(work)
    }

    /// Resolves `selectors`, and has `body` add what is to be done with the instances. An unknown name refuses the whole, and so does one
    /// of which the client may not ask that; of what globs and tags mean, and of all, he gets what he may.
    func select(
        _ request: Request, _ slot: Int, _ selectors: [ServiceSelector], emptyMeansAll: Bool = false,
        _ body: @escaping (Supervisor, RequestWork, [InstanceID]) -> Void
    ) {
        guard let peer = control[slot]?.peer, let access = request.method?.accessClass else { return }
        let asker =
            mayEverything(peer) ? nil : Asker(peer: peer, access: access, method: request.call.methodName)
        let meansAll = emptyMeansAll && selectors.isEmpty
        var selection = meansAll ? InstanceSelection(allFor: asker) : InstanceSelection(selectors, for: asker)
        begin(slot) { supervisor, work in
            if meansAll, asker == nil {
                body(supervisor, work, supervisor.listed)
                return .done
            }
            do throws(ProtocolError) {
                guard try selection.advance(supervisor, limit: Self.namesAtOnce) else { return .again }
                if !meansAll, let refused = selection.refused {
                    supervisor.noteDenial(of: request, slot)
                    work.refused = refused
                }
                body(supervisor, work, selection.found)
            } catch {
                supervisor.fail(request, slot, error)
            }
            return .done
        }
    }

    /// Does `body`, which is an order of `peer`, with each of `instances`, and answers with what they are then and the errors it gave.
    func actOnEach(
        _ request: Request, _ slot: Int, _ selectors: [ServiceSelector], _ order: String, _ peer: PeerCredentials,
        detail: String? = nil, _ body: @escaping (Supervisor, InstanceID) -> ProtocolError?
    ) {
        select(request, slot, selectors) { supervisor, work, instances in
            supervisor.emit(.ordered(order, instances, by: peer.order, detail: detail))
            var errors: [Int: ProtocolError] = [:]
            work.thenEach(instances.count) {
                if $0.fleet.contains(instances[$1]) { errors[$1] = body($0, instances[$1]) }
            }
            work.thenOnce { supervisor, work in
                let ended = errors
                supervisor.replyResults(to: slot, id: request.id, instances, refused: work.refused) { ended[$1] }
            }
        }
    }

    // MARK: Replies

    func reply(to slot: Int, id: RequestID?, error: ProtocolError) {
        // A line that could not be read has no id, and is answered all the same.
        control.update(slot) { $0.write { Reply.write(error: error, to: id, into: &$0) } }
    }

    func reply(to slot: Int, id: RequestID?, _ result: some WireValue) {
        guard let id else { return }
        control.update(slot) { $0.write { Reply.write(result, to: id, into: &$0) } }
    }

    func reply(to slot: Int, _ list: ListReply) {
        control.update(slot) { if !$0.isGone { $0.lists.append(list) } }
        control.enqueue(slot)
    }

    /// What the instances are now; beside each the error that `error` has for its place, and behind them the `refused` ones.
    func replyResults(
        to slot: Int, id: RequestID?, _ instances: [InstanceID], refused: RefusedInstances? = nil,
        error: @escaping (Supervisor, Int) -> ProtocolError? = { _, _ in nil }
    ) {
        guard let id else { return }
        let all = instances + (refused?.instances ?? [])
        reply(
            to: slot,
            ListReply(id, "services", count: all.count) { supervisor, place, writer in
                let instance = all[place]
                guard supervisor.fleet.contains(instance) else { return }
                let error =
                    place < instances.count
                    ? error(supervisor, place) : refused.map { supervisor.denial($0.asker, of: instance) }
                guard let error else { return supervisor.write(statusOf: instance, into: &writer) }
                ServiceResult(status: supervisor.status(of: instance), error: error).encode(into: &writer)
            })
    }
}
