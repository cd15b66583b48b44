import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Orders, of clients and of others.
extension ControlDesk {
    enum Order: String {
        case start, stop, restart
    }

    func order(_ order: Order, _ params: OrderParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials) {
        do throws(ProtocolError) {
            if order != .stop { try seam.drain.requireOpenGate() }
        } catch {
            return fail(request, slot, error)
        }
        select(request, slot, params.selectors) { [unowned self] work, selected in
            carryOutInTurn(request, slot, work, waits: params.wait, timeout: params.timeout) {
                [unowned self] () throws(ProtocolError) in
                if order != .stop { try seam.drain.requireOpenGate() }
                let selected = try remaining(of: selected, for: order)
                if params.wait { try requireRoomToWait(for: selected.count, slot) }
                let goal = goal(of: order, selected)
                guard !selected.isEmpty else { return (selected, goal) }
                seam.log.write(
                    .info, "\(order.rawValue) of \(list(selected)) ordered by \(peer.text)",
                    about: selected.map(seam.name(of:)), kind: .ordered)
                carryOut(order, selected, by: peer.order)
                return (selected, goal)
            }
        }
    }

    /// Has `begin` give an order once those before it are carried out, and answers when it is carried out itself: with what has become
    /// of the instances that it concerns, or, where that is waited for, once their goal is reached.
    func carryOutInTurn(
        _ request: Request, _ slot: Int, _ work: RequestWork, waits: Bool, timeout: Duration?,
        _ begin: @escaping () throws(ProtocolError) -> (instances: [InstanceID], goal: Waiter.Goal)
    ) {
        var begun: (instances: [InstanceID], goal: Waiter.Goal)?
        // One order at a time, and to its end: so none is held up for ever by those that go on coming.
        work.then { [unowned self] _ in fleet.isSettled ? .done : .waits }
        work.thenOnce { [unowned self] _ in
            do throws(ProtocolError) {
                begun = try begin()
            } catch {
                fail(request, slot, error)
            }
        }
        work.then { [unowned self] _ in fleet.isCarryingOut ? .waits : .done }
        work.thenOnce { [unowned self] work in
            guard let id = request.id, let (instances, goal) = begun else { return }
            guard waits else {
                return waiting.reply(to: slot, id: id, instances, refused: work.refused)
            }
            waiting.add(
                Waiter(slot: slot, id: id, goal: goal, instances: instances, refused: work.refused), timeout: timeout)
        }
    }

    /// Those of `selected` that an order is for: while others had their turn some may have gone, and what the configuration has no more is
    /// not started again. Refused where nothing is left.
    private func remaining(of selected: [InstanceID], for order: Order) throws(ProtocolError) -> [InstanceID] {
        let present = selected.filter(fleet.contains)
        let remaining =
            order == .stop ? present : present.filter { !seam.isDeparting(fleet.service(of: $0)) }
        guard remaining.isEmpty, !selected.isEmpty else { return remaining }
        guard let first = present.first else {
            throw ProtocolError(.noSuchService, "what was named was removed meanwhile")
        }
        throw .isBeingRemoved(seam.name(of: first).service)
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
        guard let waiting = server[slot]?.instancesWaitedFor, waiting + count > limit else { return }
        throw ProtocolError(
            .busy,
            "with this order the connection waits for over \(limit) instances; order it without waiting, or later")
    }

    /// Gives an order that somebody has given.
    func carryOut(_ order: Order, _ selected: [InstanceID], by cause: Cause) {
        seam.emit(.ordered(order.rawValue, selected, by: cause))
        carryOut(order, selected, cause: cause)
    }

    func carryOut(_ order: Order, _ selected: [InstanceID], cause: Cause) {
        seam.act { fleet, now, random, actions in
            switch order {
            case .start: fleet.start(selected, cause: cause, now: now, random: random, into: &actions)
            case .stop: fleet.stop(selected, cause: cause, now: now, random: random, into: &actions)
            case .restart: fleet.restart(selected, cause: cause, now: now, random: random, into: &actions)
            }
        }
    }

    /// The names of the first of them, as part of a sentence.
    func list(_ selected: [InstanceID]) -> String {
        let names = selected.prefix(5).map { seam.name(of: $0).description }.joined(separator: ", ")
        return selected.count > 5 ? "\(names) and \(selected.count - 5) more" : names
    }

    // MARK: The daemon

    func drain(_ params: DrainParams, _ request: Request, _ slot: Int, _ peer: PeerCredentials, exits: Bool) {
        let what = exits ? "shutdown" : "drain"
        let cause = "\(what) ordered by \(peer.text)"
        guard params.wait, let id = request.id else {
            carryOut(params, exits: exits, cause: cause)
            server.reply(to: slot, id: request.id, Acknowledgement(state: seam.supervisorState))
            return
        }
        if !exits, let report = seam.drain.heldReport {
            server.reply(to: slot, id: id, report.told(to: server.viewer(slot)))
            return
        }
        // It waits before the drain begins: one that held already has nothing left but to answer.
        waiting.add(
            Waiter(slot: slot, id: id, goal: .drained(exits: exits), instances: []), timeout: params.timeout)
        carryOut(params, exits: exits, cause: cause)
    }

    private func carryOut(_ params: DrainParams, exits: Bool, cause: String) {
        guard params.now else { return seam.drain.begin(exits: exits, cause: cause) }
        seam.log.warning("\(cause): everything is killed", kind: .drainEscalated)
        seam.drain.force(cause: cause)
    }
}

extension ProtocolError {
    /// The refusal of what would keep a service whose removal has begun.
    static func isBeingRemoved(_ name: ServiceName) -> ProtocolError {
        ProtocolError(
            .failed, "'\(name)' is being removed, as the configuration does not have it any more; add it and apply that"
        )
    }
}
