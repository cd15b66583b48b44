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
            let selected = try select(params.selectors)
            let attempts = selected.map { fleet.machines[$0].isLive ? fleet.machines[$0].attempt : 0 }
            log.info("\(order.rawValue) of \(list(selected)) ordered by uid \(peer.uid), pid \(peer.pid)")
            carryOut(order, selected, cause: .order(uid: peer.uid, pid: peer.pid))
            guard let id = request.id else { return }
            guard params.wait else {
                reply(
                    to: slot, id: id, ServiceResults(services: selected.map { ServiceResult(status: status(of: $0)) }))
                return
            }
            let none = [UInt64](repeating: 0, count: selected.count)
            let goal: Waiter.Goal =
                switch order {
                case .start: .up(after: none)
                case .stop: .down
                case .restart: .up(after: attempts)
                }
            wait(Waiter(slot: slot, id: id, goal: goal, instances: selected), timeout: params.timeout)
        } catch {
            if request.id != nil { reply(to: slot, id: request.id, error: error) }
        }
    }

    /// Refuses what starts services while nothing is started.
    func requireOpenGate() throws(ProtocolError) {
        guard registry.gate != .open else { return }
        throw ProtocolError(
            .shuttingDown,
            drain.exits
                ? "supd is shutting down and starts nothing any more"
                : "supd is drained and starts nothing; 'supctl resume' undoes that")
    }

    func carryOut(_ order: Order, _ selected: [Int], cause: Cause) {
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
        let cause = "\(what) ordered by uid \(peer.uid), pid \(peer.pid)"
        guard params.wait, let id = request.id else {
            carryOut(params, exits: exits, cause: cause)
            if request.id != nil { reply(to: slot, id: request.id, Acknowledgement(state: supervisorState)) }
            return
        }
        if !exits, let report = shutdown.heldReport {
            reply(to: slot, id: id, report)
            return
        }
        // It waits before the drain begins: one that held already has nothing left but to answer.
        wait(Waiter(slot: slot, id: id, goal: .drained(exits: exits), instances: []), timeout: params.timeout)
        carryOut(params, exits: exits, cause: cause)
    }

    private func carryOut(_ params: DrainParams, exits: Bool, cause: String) {
        guard params.now else { return beginDrain(exits: exits, cause: cause) }
        log.warning("\(cause): everything is killed")
        forceDrain(cause: cause)
    }

    @discardableResult
    func wait(_ waiter: Waiter, timeout: Duration?) -> Int {
        let number = waiters.add(waiter)
        control.amend(waiter.slot) { $0.inFlight += 1 }
        if let timeout { host.arm(TimerKind.waiter.token(number), at: host.now.advanced(by: timeout)) }
        fleetChanged = true
        return number
    }

    /// Answers every order that has come true.
    func answerWaiters() {
        for (number, waiter) in waiters.waiters {
            guard waiter.isOfServices else { continue }
            var settled = waiter.settled
            while settled < waiter.instances.count, isSettled(settled, of: waiter) { settled += 1 }
            if settled == waiter.instances.count {
                finish(number) { ServiceResults(services: self.results(of: waiter)) }
            } else if settled != waiter.settled {
                waiters.setSettled(settled, of: number)
            }
        }
    }

    /// Orders that still wait when everything is down are answered with what has become of them.
    func answerWaitersOfShutdown() {
        for (number, waiter) in waiters.waiters {
            guard waiter.isOfServices else { continue }
            finish(number) { ServiceResults(services: self.results(of: waiter)) }
        }
    }

    func answerDrainWaiters(_ report: DrainReport, alsoOfShutdown: Bool) {
        for (number, waiter) in waiters.waiters {
            guard case .drained(let exits) = waiter.goal, !exits || alsoOfShutdown else { continue }
            finish(number) { report }
        }
    }

    func timeOutWaiter(_ number: Int) {
        guard let waiter = waiters.remove(number) else { return }
        let message: String
        switch waiter.goal {
        case .drained: message = "the shutdown is not over yet; it goes on"
        case .answered:
            message = "the plugin has not answered within \(ProtocolLimits.pluginMethod.text)"
            if let work = waiter.work { host.cancel(work) }
        case .up, .down, .scaled, .reloaded:
            let open = waiter.instances.indices.filter { !isSettled($0, of: waiter) }.map { waiter.instances[$0] }
            let states = open.prefix(5).map { "\(instances[$0]) is \(fleet.machines[$0].state.rawValue)" }
            let more = open.count > 5 ? " and \(open.count - 5) more" : ""
            message = "timed out while waiting: \(states.joined(separator: ", "))\(more); the order stands"
        }
        control.update(waiter.slot) { $0.inFlight -= 1 }
        reply(to: waiter.slot, id: waiter.id, error: ProtocolError(.timedOut, message))
    }

    func finish(_ number: Int, _ result: () -> some WireValue) {
        guard let waiter = waiters.remove(number) else { return }
        host.disarm(TimerKind.waiter.token(number))
        control.update(waiter.slot) { $0.inFlight -= 1 }
        reply(to: waiter.slot, id: waiter.id, result())
    }

    func fail(_ number: Int, _ error: ProtocolError) {
        guard let waiter = waiters.remove(number) else { return }
        host.disarm(TimerKind.waiter.token(number))
        control.update(waiter.slot) { $0.inFlight -= 1 }
        reply(to: waiter.slot, id: waiter.id, error: error)
    }

    private func isSettled(_ place: Int, of waiter: Waiter) -> Bool {
        let instance = waiter.instances[place]
        let machine = fleet.machines[instance]
        switch waiter.goal {
        case .down: return !machine.isLive || isWantedUpAgain(machine)
        case .scaled: return fleet.isDeparting(instance) ? !machine.isLive : isUpOrFailed(instance)
        case .drained, .answered: return false
        case .reloaded(let states):
            if case .ended = states[place] { return true }
            return false
        case .up(let attempts):
            guard machine.attempt != attempts[place] || attempts[place] == 0 || isWantedUpAgain(machine) else {
                // The attempt that was to be replaced is still there, or another order has stopped it for good.
                return !machine.isLive && machine.desired == .down
            }
            return isUpOrFailed(instance)
        }
    }

    /// It is to stay up, as a later order took a stop back or came after it.
    private func isWantedUpAgain(_ machine: ServiceMachine) -> Bool {
        switch machine.phase {
        case .starting, .running: machine.desired == .up && !machine.stopRequested
        case .stopped, .waiting, .backoff, .stopping, .exited, .fatal: false
        }
    }

    private func isUpOrFailed(_ instance: Int) -> Bool {
        switch fleet.machines[instance].phase {
        case .running: !fleet.machines[instance].stopRequested
        case .exited, .fatal, .backoff, .stopped: true
        case .waiting: fleet.waitsFor(instance)?.failed == true
        case .starting, .stopping: false
        }
    }

    private func results(of waiter: Waiter) -> [ServiceResult] {
        if case .reloaded(let states) = waiter.goal { return reloadResults(waiter.instances, states).services }
        return waiter.instances.map { instance in
            let machine = fleet.machines[instance]
            let failed: Bool
            switch waiter.goal {
            case .down: failed = machine.isLive
            case .scaled where fleet.isDeparting(instance): failed = machine.isLive
            case .up, .scaled: failed = !machine.isUp && !(machine.phase == .exited && machine.endedWithSuccess)
            case .drained, .answered, .reloaded: failed = false
            }
            let what = "\(instances[instance]) is \(machine.state.rawValue): \(reason(of: instance))"
            return ServiceResult(
                status: status(of: instance), error: failed ? ProtocolError(.failed, what) : nil)
        }
    }

    func list(_ selected: [Int]) -> String {
        let names = selected.prefix(5).map { instances[$0].description }.joined(separator: ", ")
        return selected.count > 5 ? "\(names) and \(selected.count - 5) more" : names
    }
}
