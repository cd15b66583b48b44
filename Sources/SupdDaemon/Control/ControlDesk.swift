import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// The requests of clients: served, connection by connection, within a bound on the time that they take of each turn. Each part has its own
/// state; the desk itself has none.
final class ControlDesk {
    /// How many names are looked at in one go.
    private static let namesAtOnce = 32

    /// How many steps are taken before the clock is looked at: most requests are done in fewer.
    private static let stepsToTheClock = 4

    unowned let seam: any ControlSeam
    let host: any Host
    let fleet: Fleet
    let roster: Roster
    private let clock: WallClock
    let events: EventRing
    let feed: LineFeed
    let access: AccessControl
    let server: ControlServer
    let statuses: StatusWriter
    let waiting: WaitingOrders
    let files: ControlSocketFiles

    /// One without connections.
    init(_ seam: any ControlSeam) {
        self.seam = seam
        host = seam.host
        fleet = seam.fleet
        roster = seam.roster
        clock = seam.wallClock
        events = seam.events
        feed = seam.logs.feed
        access = AccessControl(seam)
        server = ControlServer(seam, access)
        statuses = StatusWriter(seam)
        waiting = WaitingOrders(seam, server, access, statuses)
        files = ControlSocketFiles(host, seam.log, server)
        server.forget = { [unowned waiting] in waiting.drop(of: $0) }
    }

    // MARK: Turns

    /// Gives the connections that want one their turns, until the time is over; what is left then goes on in the loop's next
    /// turn, after its events.
    func serve() {
        clock.look()
        var steps = 0
        var end: MonotonicInstant?
        while let connection = server.nextInQueue() {
            takeStep(connection)
            steps += 1
            guard steps.isMultiple(of: Self.stepsToTheClock) else { continue }
            let now = host.readClock()
            // The time begins with the first look at the clock, which most turns have no need of.
            guard let limit = end else {
                end = now.advanced(by: ProtocolLimits.timePerTurn)
                continue
            }
            if now >= limit { return }
        }
    }

    private func takeStep(_ connection: ClientConnection) {
        var waits = false
        if let work = connection.work {
            switch work.advance() {
            case .again: break
            case .waits: waits = true
            case .done: connection.work = nil
            }
        } else if connection.lists.isEmpty {
            takeRequest(connection)
        } else {
            writeList(connection)
        }
        writeNews(connection)
        server.attend(to: connection, later: waits)
    }

    private func takeRequest(_ connection: ClientConnection) {
        guard connection.mayServe else { return }
        let slot = connection.slot
        do throws(LineFramer.RequestFault) {
            guard let request = try connection.framer.nextRequest() else {
                connection.mayHaveRequest = false
                return
            }
            connection.mayHaveRequest = connection.framer.hasPartialLine
            serve(request, connection)
        } catch {
            switch error {
            case .rejected(let rejected):
                if !rejected.isNotification { server.reply(to: slot, id: rejected.id, error: rejected.error) }
            case .lineTooLong(let limit):
                connection.mayHaveRequest = false
                // Where the next request begins is unknown: the answer is the last thing the client hears.
                server.reply(
                    to: slot, id: nil, error: ProtocolError(.invalidRequest, "a request is longer than \(limit) bytes"))
                connection.isClosing = true
            }
        }
    }

    /// Has a request served, where who asks may ask for that.
    private func serve(_ request: Request, _ connection: ClientConnection) {
        let slot = connection.slot
        guard let access = accessClass(of: request) else {
            return fail(request, slot, noSuchMethod(request.call.methodName))
        }
        guard connection.mayEverything || mayAsk(request, access, connection.peer) else {
            return fail(request, slot, self.access.denial(of: request.call.methodName, needs: access))
        }
        // A notification that changes nothing and is not answered is not worth a look.
        if request.id == nil, request.method != nil, access == .observe { return }
        guard access > .observe else { return seam.serve(request, slot, connection.peer) }
        // It is told who has changed something, and whoever asks every second is not looked at. Once a connection: later the number may
        // be another's.
        var peer = connection.peer
        let command = connection.command ?? host.command(of: peer)
        connection.command = command
        peer.command = command
        seam.serve(request, slot, peer)
    }

    /// Whether somebody may ask for what takes `access`. What is asked of services is judged once it is known which they are; and whether
    /// anybody is here may be asked by who may do anything.
    private func mayAsk(_ request: Request, _ access: AccessClass, _ peer: PeerCredentials) -> Bool {
        request.method?.isOfServices == true || request.method == .supervisorPing
            ? self.access.mayAnything(peer) : self.access.granted(to: peer).map { $0 >= access } ?? false
    }

    /// The class of a call; nil for a plugin's method that there is not.
    private func accessClass(of request: Request) -> AccessClass? {
        if let method = request.method { return method.accessClass }
        return seam.plugins.catalogue.methods[request.call.methodName]?.value.access
    }

    /// The error of a plugin's method that there is not.
    private func noSuchMethod(_ name: String) -> ProtocolError {
        let closest = closestWord(to: name, among: seam.plugins.catalogue.methods.keys)
        return ProtocolError(
            .noSuchMethod,
            "no method is named \(QuotedText.quote(name))"
                + (closest == nil ? "; 'supctl plugins' lists what plugins bring" : ""),
            suggestion: closest)
    }

    /// Writes some elements of the connection's first list.
    private func writeList(_ connection: ClientConnection) {
        guard connection.hasRoom, connection.lists[0].write(into: &connection.output) else { return }
        connection.lists.removeFirst()
        connection.output.append(connection.held)
        connection.held = JSONWriter()
    }

    /// Writes some of what a connection follows.
    private func writeNews(_ connection: ClientConnection) {
        guard connection.mayTellNews else { return }
        connection.hasNews = connection.following?.write(into: &connection.output) ?? false
    }

    // MARK: Requests

    /// Answers a request with an error; nothing for a notification.
    func fail(_ request: Request, _ slot: Int, _ error: ProtocolError) {
        if error.kind == .notPermitted { noteDenial(of: request, slot) }
        if request.id != nil { server.reply(to: slot, id: request.id, error: error) }
    }

    private func noteDenial(of request: Request, _ slot: Int) {
        guard let access = accessClass(of: request) else { return }
        server.noteDenial(of: request.call.methodName, needs: access, slot)
    }

    /// Has a connection carry out `work`, and those behind it wait.
    func begin(_ slot: Int, _ work: @escaping RequestWork.Step) {
        server[slot]?.work = RequestWork(work)
    }

    /// Resolves `selectors`, and has `body` add what is to be done with the instances. An unknown name refuses the whole, and so does one
    /// of which the client may not ask that; of what globs and tags mean, and of all, he gets what he may.
    func select(
        _ request: Request, _ slot: Int, _ selectors: [ServiceSelector], emptyMeansAll: Bool = false,
        atMost: Int? = nil,
        _ body: @escaping (RequestWork, [InstanceID]) -> Void
    ) {
        guard let connection = server[slot], let access = request.method?.accessClass else { return }
        let asker =
            connection.mayEverything
            ? nil : Asker(peer: connection.peer, access: access, method: request.call.methodName)
        let meansAll = emptyMeansAll && selectors.isEmpty
        var selection = meansAll ? InstanceSelection(allFor: asker) : InstanceSelection(selectors, for: asker)
        begin(slot) { [unowned self] work in
            do throws(ProtocolError) {
                if meansAll, asker == nil {
                    let instances = seam.listed
                    try check(instances.count, atMost)
                    body(work, instances)
                    return .done
                }
                guard try selection.advance(self, limit: Self.namesAtOnce) else { return .again }
                if !meansAll, let refused = selection.refused {
                    noteDenial(of: request, slot)
                    work.refused = refused
                }
                try check(selection.found.count, atMost)
                body(work, selection.found)
            } catch {
                fail(request, slot, error)
            }
            return .done
        }
    }

    /// Throws where there are more instances than who asks takes.
    private func check(_ count: Int, _ limit: Int?) throws(ProtocolError) {
        if let limit, count > limit { throw .tooMany(count, atMost: limit) }
    }

    /// The same for words as a plugin gives them, none for all; where it is for somebody, all or nothing of what he may see.
    func select(texts: [String], for asker: Asker?) -> Result<[InstanceID], ProtocolError> {
        do throws(ProtocolError) {
            var selection =
                texts.isEmpty
                ? InstanceSelection(allFor: asker) : InstanceSelection(texts.map(ServiceSelector.init), for: asker)
            while try !selection.advance(self, limit: .max) {}
            if let refused = selection.refused, let first = refused.instances.first {
                throw access.denial(refused.asker, of: first)
            }
            return .success(selection.found)
        } catch {
            return .failure(error)
        }
    }

    /// The instances that a name means: an instance's own, or a service's, which means all of its.
    func namedInstances(_ name: String) -> [InstanceID] {
        if let service = roster.service(named: name) { return Array(fleet.instances(of: service)) }
        guard let instance = roster.instance(named: name),
            fleet.instances(of: fleet.service(of: instance)).contains(instance)
        else { return [] }
        return [instance]
    }

    /// Answers `service.status`.
    func answerStatus(_ selection: ServiceSelection, _ request: Request, _ slot: Int) {
        guard let id = request.id, let connection = server[slot] else { return }
        // Most ask for one by its name, and again and again: what is known at once needs no steps.
        if connection.mayEverything, let name = selection.only, let instance = soleInstance(named: name) {
            return connection.write {
                ListReply.write(toOne: id, into: &$0) { statuses.write(instance, for: nil, into: &$0) }
            }
        }
        let viewer = server.viewer(slot)
        select(request, slot, selection.selectors, emptyMeansAll: true) { [unowned self] _, instances in
            let list = ListReply(id, "services", count: instances.count) { [unowned self] place, writer in
                guard fleet.contains(instances[place]) else { return }
                statuses.write(instances[place], for: viewer, into: &writer)
            }
            server.reply(to: slot, list)
        }
    }

    /// The one instance that a name means; nil where it means several, or none. What a selector is otherwise is no service's name.
    private func soleInstance(named name: String) -> InstanceID? {
        guard let service = roster.service(named: name) else {
            let named = namedInstances(name)
            return named.count == 1 ? named[0] : nil
        }
        return fleet.soleInstance(of: service)
    }

    /// Does `body`, which is an order of `peer`, with each of the instances, and answers with what they are then and the errors it gave.
    func actOnEach(
        _ request: Request, _ slot: Int, _ selectors: [ServiceSelector], _ order: String, _ peer: PeerCredentials,
        detail: String? = nil, _ body: @escaping (InstanceID) -> ProtocolError?
    ) {
        select(request, slot, selectors) { [unowned self] work, instances in
            seam.emit(.ordered(order, instances, by: peer.order, detail: detail))
            var errors = [Int: ProtocolError]()
            work.thenEach(instances.count) { [unowned self] place in
                if fleet.contains(instances[place]) { errors[place] = body(instances[place]) }
            }
            work.thenOnce { [unowned self] work in
                let ended = errors
                waiting.reply(to: slot, id: request.id, instances, refused: work.refused) { ended[$0] }
            }
        }
    }
}

extension PeerCredentials {
    /// What an order of theirs is the cause of.
    var order: Cause { .order(uid: uid, pid: pid, command: command) }
    /// The same of an order to forget failures.
    var reset: Cause { .reset(uid: uid, pid: pid, command: command) }
}
