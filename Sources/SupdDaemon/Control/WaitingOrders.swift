import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Requests whose answers wait for something to become true.
final class WaitingOrders {
    private unowned let seam: any ControlSeam
    private let host: any Host
    private let server: ControlServer
    private let access: AccessControl
    private let statuses: StatusWriter
    private var list = WaiterList()

    /// Nobody waits yet.
    init(_ seam: any ControlSeam, _ server: ControlServer, _ access: AccessControl, _ statuses: StatusWriter) {
        self.seam = seam
        self.server = server
        self.access = access
        self.statuses = statuses
        host = seam.host
    }

    /// Those who wait.
    var all: some Collection<Waiter> { list.waiters.values }

    // MARK: Waiting

    /// Has the connection of `waiter` answered once its goal is reached. Nil, and nothing, where nobody is there any more.
    @discardableResult
    func add(_ waiter: Waiter, timeout: Duration?) -> Int? {
        guard let connection = server[waiter.slot], !connection.isGone else { return nil }
        let number = list.add(waiter)
        connection.inFlight += 1
        connection.instancesWaitedFor += waiter.instances.count
        if let timeout { host.arm(TimerKind.waiter.token(number), at: host.now.advanced(by: timeout)) }
        look(at: number)
        return number
    }

    /// The work that is to answer it.
    func setWork(_ work: WorkID, of number: Int) { list.setWork(work, of: number) }

    /// Takes a waiter out to answer it.
    private func remove(_ number: Int) -> Waiter? {
        guard let waiter = list.remove(number) else { return nil }
        host.disarm(TimerKind.waiter.token(number))
        server.update(waiter.slot) {
            $0.inFlight -= 1
            $0.instancesWaitedFor -= waiter.instances.count
        }
        return waiter
    }

    /// Forgets what a connection waits for.
    func drop(of slot: Int) {
        for number in list.numbers(of: slot) {
            if let work = remove(number)?.work { host.cancel(work) }
        }
    }

    // MARK: Answers

    /// Answers the orders that have come true, of those that wait for what something has happened to.
    func look(for instances: [InstanceID]) {
        for instance in instances {
            for number in list.waiting(for: instance) { look(at: number) }
        }
    }

    /// Answers the order if it has come true.
    private func look(at number: Int) {
        guard let waiter = list.waiters[number], waiter.isOfServices else { return }
        var settled = waiter.settled
        while settled < waiter.instances.count, seam.fleet.isSettled(settled, of: waiter), !isLeft(settled, of: waiter)
        {
            settled += 1
        }
        guard settled == waiter.instances.count else { return list.setSettled(settled, of: number) }
        answer(number)
    }

    /// Whether something of an instance is still there that a configuration has no more: what its plugins' parts do for it ends after it.
    private func isLeft(_ place: Int, of waiter: Waiter) -> Bool {
        guard case .applied = waiter.goal, seam.fleet.contains(waiter.instances[place]) else { return false }
        return seam.isDeparting(seam.fleet.service(of: waiter.instances[place]))
    }

    /// Answers an order with what has become of its instances.
    private func answer(_ number: Int) {
        guard let waiter = remove(number) else { return }
        if case .applied(let plan) = waiter.goal {
            let result = result(of: plan, waiter.instances, for: server.viewer(waiter.slot))
            return server.reply(to: waiter.slot, id: waiter.id, result)
        }
        reply(to: waiter.slot, id: waiter.id, waiter.instances, refused: waiter.refused) { [unowned self] place in
            error(of: waiter, place)
        }
    }

    /// Orders that still wait when everything is down are answered with what has become of them.
    func answerAllOfServices() {
        for (number, waiter) in list.waiters where waiter.isOfServices { answer(number) }
    }

    /// Those who wait for the drain, also where it is one that ends the daemon.
    func answerDrain(_ report: DrainReport, alsoOfShutdown: Bool) {
        for (number, waiter) in list.waiters {
            guard case .drained(let exits) = waiter.goal, !exits || alsoOfShutdown else { continue }
            answer(number, report.told(to: server.viewer(waiter.slot)))
        }
    }

    func answer(_ number: Int, _ result: some WireValue) {
        guard let waiter = remove(number) else { return }
        server.reply(to: waiter.slot, id: waiter.id, result)
    }

    func fail(_ number: Int, _ error: ProtocolError) {
        guard let waiter = remove(number) else { return }
        server.reply(to: waiter.slot, id: waiter.id, error: error)
    }

    func timeOut(_ number: Int) {
        guard let waiter = remove(number) else { return }
        let message: String
        switch waiter.goal {
        case .drained(let exits): message = "the \(exits ? "shutdown" : "drain") is not over yet; it goes on"
        case .answered:
            message = "the plugin has not answered within \(ProtocolLimits.pluginMethod.text)"
            if let work = waiter.work { host.cancel(work) }
        case .up, .down, .scaled, .applied, .reloaded:
            let open = waiter.instances.indices.filter { !seam.fleet.isSettled($0, of: waiter) }
                .map { waiter.instances[$0] }
            let states = open.prefix(5).map {
                "\(seam.name(of: $0)) is \(seam.fleet[$0].state.rawValue)" as Sentence
            }
            let more = open.count > 5 ? " and \(open.count - 5) more" : ""
            let sentence: Sentence =
                "timed out while waiting: \(states.joined(separator: ", "))\(more); the order stands"
            message = sentence.told(to: server.viewer(waiter.slot))
        }
        server.reply(to: waiter.slot, id: waiter.id, error: ProtocolError(.timedOut, message))
    }

    /// What the instances are now; beside each the error that `error` has for its place, and behind them the `refused` ones.
    func reply(
        to slot: Int, id: RequestID?, _ instances: [InstanceID], refused: RefusedInstances?,
        error: @escaping (_ place: Int) -> ProtocolError? = { _ in nil }
    ) {
        guard let id else { return }
        let all = instances + (refused?.instances ?? [])
        let viewer = server.viewer(slot)
        server.reply(
            to: slot,
            ListReply(id, "services", count: all.count) { [unowned self] place, writer in
                let instance = all[place]
                guard seam.fleet.contains(instance) else { return }
                let error =
                    place < instances.count ? error(place) : refused.map { access.denial($0.asker, of: instance) }
                guard let error else { return statuses.write(instance, for: viewer, into: &writer) }
                ServiceResult(status: seam.status(of: instance, for: viewer), error: error).encode(into: &writer)
            })
    }

    /// Why the order of `waiter` has failed for one of its instances; nil where it has not.
    private func error(of waiter: Waiter, _ place: Int) -> ProtocolError? {
        if case .reloaded(let states) = waiter.goal { return states[place].error }
        let instance = waiter.instances[place]
        guard seam.fleet.hasFailed(place, of: waiter) else { return nil }
        let state = seam.fleet[instance].state.rawValue
        let sentence: Sentence = "\(seam.name(of: instance)) is \(state): \(seam.words(of: instance))"
        return ProtocolError(.failed, sentence.told(to: server.viewer(waiter.slot)))
    }

    /// What has come of a configuration, with what of it has failed.
    private func result(of plan: AppliedPlan, _ instances: [InstanceID], for viewer: Viewer?) -> EncodedPlan {
        var reply = plan.reply
        reply.outcome?.failed += instances.compactMap { instance in
            guard seam.fleet.hasFailed(instance), viewer?.sees(instance) ?? true else { return nil }
            let reason: Sentence = "\(seam.fleet[instance].state.rawValue): \(seam.words(of: instance))"
            return .init(name: seam.name(of: instance).description, reason: reason.told(to: viewer))
        }
        return reply
    }

    // MARK: Reloads

    /// Has the end of a reload belong to a place of what a waiter waits for.
    func expectReload(_ reload: ReloadKey, _ number: Int, at place: Int) {
        list.expectReload(reload, number, at: place)
    }

    /// A reload has ended that somebody may wait for.
    func reloadEnded(_ reload: ReloadKey, _ error: ProtocolError?) {
        if let (number, place) = list.takeReload(reload) { reloadEnded(of: number, at: place, error) }
    }

    /// The reload of one instance, at its place in what a waiter waits for, has ended.
    func reloadEnded(of number: Int, at place: Int, _ error: ProtocolError?) {
        list.setReload(.ended(error), of: number, at: place)
        look(at: number)
    }
}
