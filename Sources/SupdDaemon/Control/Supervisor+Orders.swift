import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Orders, and the answers that wait for them to be carried out.
extension Supervisor {
    enum Order: String {
        case start, stop, restart
    }

    func order(_ order: Order, _ params: OrderParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            if order != .stop { try requireOpenGate() }
        } catch {
            return fail(request, slot, error)
        }
        select(request, slot, params.selectors) { supervisor, work, selected in
            supervisor.carryOutInTurn(request, slot, work, waits: params.wait, timeout: params.timeout) {
                supervisor throws(ProtocolError) in
                if order != .stop { try supervisor.requireOpenGate() }
                let selected = try supervisor.remaining(of: selected, for: order)
                if params.wait { try supervisor.requireRoomToWait(for: selected.count, slot) }
                let goal = supervisor.goal(of: order, selected)
                supervisor.log.write(
                    .info,
                    "\(order.rawValue) of \(supervisor.list(selected)) ordered by \(peer.text)",
                    about: selected.map(supervisor.name(of:)), kind: .ordered)
                supervisor.carryOut(order, selected, by: peer.order)
                return (selected, goal)
            }
        }
    }

    /// Has `begin` give an order once those before it are carried out, and answers when it is carried out itself: with what has become
    /// of the instances that it concerns, or, where that is waited for, once their goal is reached.
    func carryOutInTurn(
        _ request: Request, _ slot: Int, _ work: RequestWork, waits: Bool, timeout: Duration?,
        _ begin: @escaping (Supervisor) throws(ProtocolError) -> (instances: [InstanceID], goal: Waiter.Goal)
    ) {
        var begun: (instances: [InstanceID], goal: Waiter.Goal)?
        // One order at a time, and to its end: so none is held up for ever by those that go on coming.
        work.then { supervisor, _ in supervisor.fleet.isSettled ? .done : .waits }
        work.thenOnce { supervisor, _ in
            do throws(ProtocolError) {
                begun = try begin(supervisor)
            } catch {
                supervisor.fail(request, slot, error)
            }
        }
        work.then { supervisor, _ in supervisor.fleet.isCarryingOut ? .waits : .done }
        work.thenOnce { supervisor, work in
            guard let id = request.id, let (instances, goal) = begun else { return }
            guard waits else {
                return supervisor.replyResults(to: slot, id: id, instances, refused: work.refused)
            }
            supervisor.wait(
                Waiter(slot: slot, id: id, goal: goal, instances: instances, refused: work.refused), timeout: timeout)
        }
    }

    /// Those of `selected` that an order is for: while others had their turn some may have gone, and what the configuration has no more is
    /// not started again. Refused where nothing is left.
    private func remaining(of selected: [InstanceID], for order: Order) throws(ProtocolError) -> [InstanceID] {
        let present = selected.filter(fleet.contains)
        let remaining =
            order == .stop ? present : present.filter { !configuring.departing.contains(fleet.service(of: $0)) }
        guard remaining.isEmpty, !selected.isEmpty else { return remaining }
        guard let first = present.first else {
            throw ProtocolError(.noSuchService, "what was named was removed meanwhile")
        }
        throw Self.isRemoved(configuration(of: fleet.service(of: first)).name.rawValue)
    }

    /// The refusal of what would keep a service whose removal has begun.
    static func isRemoved(_ name: String) -> ProtocolError {
        ProtocolError(
            .failed, "'\(name)' is being removed, as the configuration does not have it any more; add it and apply that"
        )
    }

    /// What an order's waiter waits for.
    private func goal(of order: Order, _ selected: [InstanceID]) -> Waiter.Goal {
        switch order {
        case .start: .up(after: [])
        case .stop: .down
        case .restart: .up(after: selected.map { fleet[$0].isLive ? fleet[$0].attempt : 0 })
        }
    }

    /// Refuses to keep more in mind for one connection than its limit.
    func requireRoomToWait(for count: Int, _ slot: Int) throws(ProtocolError) {
        let limit = ProtocolLimits.instancesWaitedFor
        guard let waiting = control[slot]?.instancesWaitedFor, waiting + count > limit else { return }
        throw ProtocolError(
            .busy,
            "with this order the connection waits for over \(limit) instances; order it without waiting, or later")
    }

    /// Refuses what starts services while nothing is started.
    func requireOpenGate() throws(ProtocolError) {
        guard drain.gate != .open else { return }
        throw ProtocolError(
            .shuttingDown,
            drain.exits
                ? "supd is shutting down and starts nothing any more"
                : "supd is drained and starts nothing; 'supctl resume' undoes that")
    }

    /// Gives an order that somebody has given.
    func carryOut(_ order: Order, _ selected: [InstanceID], by cause: Cause) {
        emit(.ordered(order.rawValue, selected, by: cause))
        carryOut(order, selected, cause: cause)
    }

    func carryOut(_ order: Order, _ selected: [InstanceID], cause: Cause) {
        act { fleet, now, random, actions in
            switch order {
            case .start: fleet.start(selected, cause: cause, now: now, random: random, into: &actions)
            case .stop: fleet.stop(selected, cause: cause, now: now, random: random, into: &actions)
            case .restart: fleet.restart(selected, cause: cause, now: now, random: random, into: &actions)
            }
        }
    }

    func drainOrder(
        _ params: DrainParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials, exits: Bool
    ) {
        let what = exits ? "shutdown" : "drain"
        let cause = "\(what) ordered by \(peer.text)"
        guard params.wait, let id = request.id else {
            carryOut(params, exits: exits, cause: cause)
            reply(to: slot, id: request.id, Acknowledgement(state: supervisorState))
            return
        }
        if !exits, let report = drain.heldReport {
            reply(to: slot, id: id, report)
            return
        }
        // It waits before the drain begins: one that held already has nothing left but to answer.
        wait(Waiter(slot: slot, id: id, goal: .drained(exits: exits), instances: []), timeout: params.timeout)
        carryOut(params, exits: exits, cause: cause)
    }

    private func carryOut(_ params: DrainParams, exits: Bool, cause: String) {
        guard params.now else { return drain.begin(exits: exits, cause: cause) }
        log.warning("\(cause): everything is killed", kind: .drainEscalated)
        drain.force(cause: cause)
    }

    /// Has the connection of `waiter` answered once its goal is reached. Nil, and nothing, where nobody is there any more.
    @discardableResult
    func wait(_ waiter: Waiter, timeout: Duration?) -> Int? {
        guard let connection = control[waiter.slot], !connection.isGone else { return nil }
        let number = waiters.add(waiter)
        connection.inFlight += 1
        connection.instancesWaitedFor += waiter.instances.count
        if let timeout { host.arm(TimerKind.waiter.token(number), at: host.now.advanced(by: timeout)) }
        look(at: number)
        return number
    }

    /// Takes a waiter out to answer it.
    private func removeWaiter(_ number: Int) -> Waiter? {
        guard let waiter = waiters.remove(number) else { return nil }
        host.disarm(TimerKind.waiter.token(number))
        control.update(waiter.slot) {
            $0.inFlight -= 1
            $0.instancesWaitedFor -= waiter.instances.count
        }
        return waiter
    }

    /// Forgets what a connection waits for.
    func dropWaiters(of slot: Int) {
        guard let connection = control[slot], connection.inFlight > 0 else { return }
        for number in waiters.numbers(of: slot) {
            if let work = removeWaiter(number)?.work { host.cancel(work) }
        }
    }

    /// Answers the orders that have come true, of those that wait for what something has happened to.
    func answerWaiters() {
        for instance in fleet.takeTouched() {
            for number in waiters.waiting(for: instance) { look(at: number) }
        }
    }

    /// Answers the order if it has come true.
    func look(at number: Int) {
        guard let waiter = waiters.waiters[number], waiter.isOfServices else { return }
        var settled = waiter.settled
        while settled < waiter.instances.count, isSettled(settled, of: waiter) { settled += 1 }
        guard settled == waiter.instances.count else { return waiters.setSettled(settled, of: number) }
        finish(waiter: number)
    }

    /// Answers an order with what has become of its instances.
    private func finish(waiter number: Int) {
        guard let waiter = removeWaiter(number) else { return }
        if case .applied(let plan) = waiter.goal {
            return reply(to: waiter.slot, id: waiter.id, result(of: plan, waiter.instances))
        }
        replyResults(to: waiter.slot, id: waiter.id, waiter.instances, refused: waiter.refused) {
            $0.error(of: waiter, $1)
        }
    }

    /// Orders that still wait when everything is down are answered with what has become of them.
    func answerWaitersOfShutdown() {
        for (number, waiter) in waiters.waiters where waiter.isOfServices { finish(waiter: number) }
    }

    func answerDrainWaiters(_ report: DrainReport, alsoOfShutdown: Bool) {
        for (number, waiter) in waiters.waiters {
            guard case .drained(let exits) = waiter.goal, !exits || alsoOfShutdown else { continue }
            finish(number) { report }
        }
    }

    func timeOutWaiter(_ number: Int) {
        guard let waiter = removeWaiter(number) else { return }
        let message: String
        switch waiter.goal {
        case .drained: message = "the shutdown is not over yet; it goes on"
        case .answered:
            message = "the plugin has not answered within \(ProtocolLimits.pluginMethod.text)"
            if let work = waiter.work { host.cancel(work) }
        case .up, .down, .scaled, .applied, .reloaded:
            let open = waiter.instances.indices.filter { !isSettled($0, of: waiter) }.map { waiter.instances[$0] }
            let states = open.prefix(5).map { "\(name(of: $0)) is \(fleet[$0].state.rawValue)" }
            let more = open.count > 5 ? " and \(open.count - 5) more" : ""
            message = "timed out while waiting: \(states.joined(separator: ", "))\(more); the order stands"
        }
        reply(to: waiter.slot, id: waiter.id, error: ProtocolError(.timedOut, message))
    }

    func finish(_ number: Int, _ result: () -> some WireValue) {
        guard let waiter = removeWaiter(number) else { return }
        reply(to: waiter.slot, id: waiter.id, result())
    }

    func fail(_ number: Int, _ error: ProtocolError) {
        guard let waiter = removeWaiter(number) else { return }
        reply(to: waiter.slot, id: waiter.id, error: error)
    }

    private func isSettled(_ place: Int, of waiter: Waiter) -> Bool {
        let instance = waiter.instances[place]
        // What was removed has no way to go.
        guard fleet.contains(instance) else { return true }
        let machine = fleet[instance]
        switch waiter.goal {
        case .applied(let plan): return isSettled(instance, after: plan.attempts[instance])
        case .down: return !machine.isLive || isWantedUpAgain(machine)
        case .scaled: return fleet.isDeparting(instance) ? !machine.isLive : isUpOrFailed(instance)
        case .drained, .answered: return false
        case .reloaded(let states):
            if case .ended = states[place] { return true }
            return false
        case .up(let attempts):
            let attempt = attempts.isEmpty ? 0 : attempts[place]
            guard machine.attempt != attempt || attempt == 0 || isWantedUpAgain(machine) else {
                // The attempt that was to be replaced is still there, or another order has stopped it for good.
                return !machine.isLive && machine.desired == .down
            }
            return isUpOrFailed(instance)
        }
    }

    /// Whether an instance is where a configuration wants it, which has replaced the attempt of that number where it has one.
    private func isSettled(_ instance: InstanceID, after attempt: UInt64?) -> Bool {
        let machine = fleet[instance]
        if fleet.isDeparting(instance) { return !machine.isLive }
        if attempt == machine.attempt, machine.isLive { return false }
        return isUpOrFailed(instance)
    }

    /// What has come of a configuration, with what of it has failed.
    private func result(of plan: AppliedPlan, _ instances: [InstanceID]) -> EncodedPlan {
        var reply = plan.reply
        reply.outcome?.failed = instances.compactMap { instance in
            guard fleet.contains(instance) else { return nil }
            let machine = fleet[instance]
            let hasFailed =
                fleet.isDeparting(instance)
                ? machine.isLive : !machine.isUp && !(machine.phase == .exited && machine.endedWithSuccess)
            guard hasFailed else { return nil }
            return .init(
                name: name(of: instance).description, reason: "\(machine.state.rawValue): \(reason(of: instance))")
        }
        return reply
    }

    /// It is to stay up, as a later order took a stop back or came after it.
    private func isWantedUpAgain(_ machine: ServiceMachine) -> Bool {
        switch machine.phase {
        case .starting, .running: machine.desired == .up && !machine.stopRequested
        case .stopped, .waiting, .backoff, .stopping, .exited, .fatal: false
        }
    }

    private func isUpOrFailed(_ instance: InstanceID) -> Bool {
        switch fleet[instance].phase {
        case .running: !fleet[instance].stopRequested
        case .exited, .fatal, .backoff, .stopped: true
        case .waiting: fleet.isBlocked(instance)
        case .starting, .stopping: false
        }
    }

    /// Why the order of `waiter` has failed for one of its instances; nil where it has not.
    private func error(of waiter: Waiter, _ place: Int) -> ProtocolError? {
        let instance = waiter.instances[place]
        guard fleet.contains(instance) else { return nil }
        let machine = fleet[instance]
        let failed: Bool
        switch waiter.goal {
        case .reloaded(let states): return states[place].error
        case .down: failed = machine.isLive
        case .scaled where fleet.isDeparting(instance): failed = machine.isLive
        case .up, .scaled: failed = !machine.isUp && !(machine.phase == .exited && machine.endedWithSuccess)
        case .applied, .drained, .answered: failed = false
        }
        guard failed else { return nil }
        return ProtocolError(.failed, "\(name(of: instance)) is \(machine.state.rawValue): \(reason(of: instance))")
    }

    func list(_ selected: [InstanceID]) -> String {
        let names = selected.prefix(5).map { name(of: $0).description }.joined(separator: ", ")
        return selected.count > 5 ? "\(names) and \(selected.count - 5) more" : names
    }
}
