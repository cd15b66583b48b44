import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// What a connection follows: a place in what the daemon remembers, from which notices are written as the client reads them. Who
/// does not read costs nothing but that place, and is told what it has missed.
protocol Following: AnyObject {
    /// Writes some notices. True where there is more to be written, false where there is nothing more for now.
    func write(_ supervisor: Supervisor, into writer: inout JSONWriter) -> Bool
    /// The connection follows it no more.
    func end(_ supervisor: Supervisor)
}

/// Connections that follow something.
extension Supervisor {
    /// `events.subscribe`: what instances are, and then what happens to them.
    func subscribe(_ params: EventParams, _ request: Request, _ slot: Int) {
        guard let id = request.id, mayFollow(request, slot) else { return }
        if let since = params.since, since > events.last {
            let problem =
                "'since' is \(since), but this supd, started at \(startedWall), has come to \(events.last) only: "
                + "subscribe without it"
            return fail(request, slot, ProtocolError(.invalidParams, problem))
        }
        select(request, slot, params.selectors, emptyMeansAll: true) { supervisor, _, instances in
            let (last, started) = (supervisor.events.last, supervisor.startedWall)
            var params = params
            params.services = supervisor.lasting(params.selectors, instances)
            let following = EventFollowing(
                params, after: params.since ?? last, catchesUpAt: params.since == nil ? nil : last,
                viewer: supervisor.viewer(slot))
            let list = ListReply(id, "services", count: params.since == nil ? instances.count : 0) {
                EventSubscription.encodeHead(sequence: last, started: started, into: &$0)
            } element: {
                if $0.fleet.contains(instances[$1]) { $0.status(of: instances[$1]).encode(into: &$2) }
            }
            supervisor.follow(slot, following, list)
        }
    }

    /// `logs.follow`: the last lines of instances, and then those that come.
    func followLogs(_ params: FollowParams, _ request: Request, _ slot: Int) {
        guard let id = request.id, mayFollow(request, slot) else { return }
        select(request, slot, params.selectors) { supervisor, _, instances in
            let following = LineFollowing(
                supervisor.lasting(params.selectors, instances).map { ServiceSelector($0) }, instances, supervisor.logs,
                viewer: supervisor.viewer(slot))
            let list = supervisor.lines(of: instances, id, LogsParams(services: [], lines: params.lines)) {
                following.hasRead($0, supervisor.logs)
            }
            supervisor.follow(slot, following, list)
        }
    }

    /// What is followed by `selectors`, which mean `instances` now: a state that is meant is that of this moment.
    private func lasting(_ selectors: [ServiceSelector], _ instances: [InstanceID]) -> [String] {
        let lasting = selectors.filter { !$0.isByState }.map(\.description)
        return lasting.count == selectors.count ? lasting : lasting + instances.map { name(of: $0).description }
    }

    /// Who is at the other end, unless that is somebody who may see everything.
    func viewer(_ slot: Int) -> PeerCredentials? {
        guard let peer = control[slot]?.peer, !mayEverything(peer) else { return nil }
        return peer
    }

    /// One connection follows one thing, so that what is missing is told where it is missing.
    private func mayFollow(_ request: Request, _ slot: Int) -> Bool {
        guard control[slot]?.following != nil else { return true }
        fail(
            request, slot,
            ProtocolError(.failed, "this connection follows something already: open another one for more"))
        return false
    }

    /// The reply comes first, and then notices.
    private func follow(_ slot: Int, _ following: some Following, _ reply: ListReply) {
        guard control[slot]?.isGone == false else { return following.end(self) }
        self.reply(to: slot, reply)
        control.update(slot) {
            $0.following = following
            $0.hasNews = true
        }
    }

    /// Nobody is there to follow anything any more.
    func endFollowing(_ slot: Int) {
        guard let connection = control[slot] else { return }
        connection.following?.end(self)
        connection.following = nil
    }

    /// There is an instance more: who follows what its name or tags mean follows it too.
    func meet(_ instance: InstanceID) {
        for slot in control.slots.indices {
            guard let following = control[slot]?.following as? LineFollowing else { continue }
            if following.viewer.map({ may($0, .observe, instance) }) ?? true {
                following.meet(
                    instance, name(of: instance), tags: tags(of: instance), logs)
            }
        }
    }

    /// Has those that follow something look where something has come.
    func tellFollowers() {
        let hasEvents = events.takeNews()
        guard logs.feed.takeNews() || hasEvents else { return }
        for slot in control.slots.indices where control[slot]?.following != nil {
            control[slot]?.hasNews = true
            control.enqueue(slot)
        }
    }

    /// Writes some of what a connection follows.
    func writeNews(_ connection: ClientConnection) {
        guard connection.mayTellNews else { return }
        connection.hasNews = connection.following?.write(self, into: &connection.output) ?? false
    }
}
