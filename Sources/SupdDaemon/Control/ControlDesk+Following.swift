import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Connections that follow something.
extension ControlDesk {
    /// `events.subscribe`: what instances are, and then what happens to them.
    func subscribe(_ params: EventParams, _ request: Request, _ slot: Int) {
        guard let id = request.id, mayFollow(request, slot) else { return }
        let events = seam.events
        guard hasCome(to: params.since, events.last, request, slot) else { return }
        select(request, slot, params.selectors, emptyMeansAll: true) { [unowned self] work, instances in
            var params = params
            params.services = lasting(params.selectors, instances)
            let following = EventFollowing(params, of: events, viewer: server.viewer(slot))
            guard let count = params.last else { return follow(slot, following, id, instances) }
            work.then { _ in following.goesOn(fromLast: count) ? .done : .again }
            work.thenOnce { [unowned self] _ in follow(slot, following, id, instances) }
        }
    }

    /// Answers with what `instances` are now, where that is not told by events of before.
    private func follow(_ slot: Int, _ following: EventFollowing, _ id: RequestID, _ instances: [InstanceID]) {
        let (last, started) = (seam.events.last, seam.startedWall)
        let viewer = server.viewer(slot)
        let list = ListReply(id, "services", count: following.beginsBefore ? 0 : instances.count) {
            EventSubscription.encodeHead(sequence: last, started: started, into: &$0)
        } element: { [unowned self] place, writer in
            let instance = instances[place]
            if fleet.contains(instance) { statuses.write(instance, for: viewer, into: &writer) }
        }
        following.begin()
        follow(slot, following, list)
    }

    /// `logs.follow`: the last lines of instances, and then those that come.
    func followLogs(_ params: FollowParams, _ request: Request, _ slot: Int) {
        guard let id = request.id, mayFollow(request, slot),
            hasCome(to: params.since, seam.logs.router.lastNumber, request, slot)
        else { return }
        select(request, slot, params.selectors) { [unowned self] _, instances in
            let following = LineFollowing(
                lasting(params.selectors, instances).map { ServiceSelector($0) }, instances, self,
                viewer: server.viewer(slot))
            let (last, started) = (seam.logs.router.lastNumber, seam.startedWall)
            // Later lines are told, however long the reply takes.
            let question = LogQuestion(lines: params.lines, after: params.since, until: last)
            var list = lines(of: instances, id, question)
            list.head = { EventSubscription.encodeHead(sequence: last, started: started, into: &$0) }
            follow(slot, following, list)
        }
    }

    /// Refuses to go on after what this daemon has not come to.
    private func hasCome(to since: UInt64?, _ last: UInt64, _ request: Request, _ slot: Int) -> Bool {
        guard let since, since > last else { return true }
        let problem =
            "'since' is \(since), but this supd, started at \(seam.startedWall), has come to \(last) only: leave it out"
        fail(request, slot, ProtocolError(.invalidParams, problem))
        return false
    }

    /// What is followed by `selectors`, which mean `instances` now: a state that is meant is that of this moment.
    private func lasting(_ selectors: [ServiceSelector], _ instances: [InstanceID]) -> [String] {
        let lasting = selectors.filter { !$0.isByState }.map(\.description)
        return lasting.count == selectors.count ? lasting : lasting + instances.map { seam.name(of: $0).description }
    }

    /// One connection follows one thing, so that what is missing is told where it is missing.
    private func mayFollow(_ request: Request, _ slot: Int) -> Bool {
        guard server[slot]?.following != nil else { return true }
        fail(
            request, slot,
            ProtocolError(.failed, "this connection follows something already: open another one for more"))
        return false
    }

    /// The reply comes first, and then notices.
    private func follow(_ slot: Int, _ following: some Following, _ reply: ListReply) {
        guard server[slot]?.isGone == false else { return following.end() }
        server.reply(to: slot, reply)
        server.update(slot) {
            $0.following = following
            $0.hasNews = true
        }
    }

    /// There is an instance more: who follows what its name or tags mean follows it too.
    func meet(_ instance: InstanceID) {
        for connection in server.connections {
            guard let following = connection.following as? LineFollowing else { continue }
            following.meet(instance)
        }
    }

    /// Judges by other rules from now on, also what is followed.
    func takeOver(_ rules: AccessRules, toAnything: AccessRules) {
        access.takeOver(rules, toAnything: toAnything)
        for connection in server.connections { (connection.following as? LineFollowing)?.lookWhatMayBeSeen() }
    }

    /// Has those that follow something look where something has come.
    func tellFollowers() {
        let hasEvents = events.takeNews()
        guard feed.takeNews() || hasEvents else { return }
        server.tellFollowers()
    }
}
