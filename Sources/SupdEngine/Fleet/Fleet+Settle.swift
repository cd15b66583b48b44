import SupdPlugin

/// The fleet's own part: what the machines ask of each other.
extension Fleet {
    /// Gives one event to one machine, passes on what is for the outside, and keeps the counts true.
    func apply(
        _ event: ServiceEvent, to instance: InstanceID, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        let row = rows[instance]
        switch event {
        // It goes, whoever else wants its service up.
        case .start, .restart:
            if row.isDeparting { return }
        // What begins now begins by what is said now.
        case .launch: row.machine.settings = groups[row.place].settings
        default: break
        }
        let random = random()
        change(instance, into: &actions) { $0.handle(event, now: now, random: random, into: &$1) }
    }

    /// Changes one machine, passes on what is for the outside, and keeps the counts true.
    func change(
        _ instance: InstanceID, into actions: inout [FleetAction],
        _ body: (inout ServiceMachine, inout [ServiceAction]) -> Void
    ) {
        let row = rows[instance]
        let before = row.machine.state
        let wasWaiting = row.machine.isWaiting
        let deadline = row.machine.deadline
        var wanted: [ServiceAction] = []
        body(&row.machine, &wanted)
        for action in wanted {
            switch action {
            case .requestLaunch, .requestStop: requests.append(instance)
            default: actions.append(.perform(instance: instance, action))
            }
        }
        if row.machine.deadline != deadline {
            actions.append(.deadline(instance: instance, row.machine.deadline))
        }
        // A new wait is judged anew.
        if !wasWaiting {
            row.isBlocked = false
            row.isHopeless = false
        }
        let after = row.machine.state
        let from = row.untold ?? before
        if row.machine.isWaiting, from.isAtRest {
            // What comes out of a backoff, or is ordered up, is mostly launched at once.
            if row.untold == nil { untold.append(instance) }
            row.untold = from
        } else if after != from {
            row.untold = nil
            actions.append(.changed(instance: instance, StateChange(row.machine, from: from)))
            if after == .exited || after == .fatal, row.machine.settings.essential {
                actions.append(.essentialEnded(instance: instance))
            }
        } else if wasWaiting, !row.machine.isWaiting {
            actions.append(.gaveUpWaiting(instance: instance, wasBlocked: row.isBlocked))
        }
        count(instance)
        if row.isDeparting { retire(of: row.place, into: &actions) }
    }

    /// Tells of those that have begun to wait and do so still, once a call is over.
    func tellWaiting(into actions: inout [FleetAction]) {
        for instance in untold where rows.contains(instance) { tellWaiting(of: instance, into: &actions) }
        untold.removeAll(keepingCapacity: true)
    }

    /// Tells that one has begun to wait, where nobody was told.
    private func tellWaiting(of instance: InstanceID, into actions: inout [FleetAction]) {
        let row = rows[instance]
        guard let from = row.untold else { return }
        row.untold = nil
        actions.append(.changed(instance: instance, StateChange(row.machine, from: from)))
    }

    /// Takes one step towards rest: of an order, or else grants one launch or stop that can be granted. False where nothing is
    /// left. Looks only at instances that have asked, and at services whose neighbours' standing has changed, so that the
    /// work grows with what happens and not with the fleet.
    func takeStep(now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]) -> Bool {
        if let service = fallen.popLast() {
            orderBoundDown(to: service)
        } else if takeOrderStep(now: now, random: random, into: &actions) {
            return true
        } else if nextRequest < requests.count {
            let instance = requests[nextRequest]
            nextRequest += 1
            if rows.contains(instance) {
                examine(instance, of: rows[instance].place, now: now, random: random, into: &actions)
            }
        } else if nextRequest > 0 {
            requests.removeAll(keepingCapacity: true)
            nextRequest = 0
        } else if let service = worklist.popLast() {
            groups[service].isOnWorklist = false
            requests += groups[service].instances.filter { rows[$0].tally.isAsking }
        } else {
            return grantSlot(now: now, random: random, into: &actions)
        }
        return true
    }

    /// Orders down what is bound to a service that went down without an order. Nobody starts it again when that one comes back,
    /// as with systemd.
    private func orderBoundDown(to service: Int) {
        let bound = graph.boundBy[service].flatMap { groups[$0].instances }.filter {
            rows[$0].machine.desired == .up && !rows[$0].machine.hasEndedForGood
        }
        let along = dependents(of: bound, .stopAlong).map { step in
            var step = step
            // In a circle it goes down itself with what is bound to it, and not because of itself.
            if rows[step.instance].place != service { step.service = nil }
            return step
        }
        var order = Order(.dependency(groups[service].name), along + steps(.stopBound, bound))
        order.isFall = true
        if !order.steps.isEmpty { orders.append(order) }
    }

    private func examine(
        _ instance: InstanceID, of service: Int, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        let row = rows[instance]
        if row.machine.stopRequested, groups[service].leavingAfter == 0 {
            apply(.beginStop, to: instance, now: now, random: random, into: &actions)
        }
        guard row.machine.isWaiting else { return }
        let verdict = startVerdict(of: service)
        let isHopeless = verdict == .blocked && groups[service].losses > 0
        let standsOtherwise = row.isBlocked != (verdict == .blocked) || row.isHopeless != isHopeless
        if standsOtherwise {
            row.isBlocked = verdict == .blocked
            row.isHopeless = isHopeless
            count(instance)
            // What is blocked waits for longer than this call.
            tellWaiting(of: instance, into: &actions)
            actions.append(.blocked(instance: instance))
            if isHopeless, row.machine.settings.essential {
                actions.append(.essentialEnded(instance: instance))
            }
        }
        if verdict == .ready, !row.isQueued {
            row.isQueued = true
            slotQueue.append(instance)
        }
    }

    /// Gives a start slot to the first of the queue that still wants one. False where there is none to give.
    private func grantSlot(
        now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) -> Bool {
        guard mayGrantSlot else { return false }
        let instance = slotQueue[slotQueueHead]
        slotQueueHead += 1
        if slotQueueHead == slotQueue.count {
            slotQueue.removeAll(keepingCapacity: false)
            slotQueueHead = 0
        } else if slotQueueHead > 32, slotQueueHead > slotQueue.count / 2 {
            // A queue that is never empty must not grow for ever.
            slotQueue.removeFirst(slotQueueHead)
            slotQueueHead = 0
        }
        guard rows.contains(instance) else { return true }
        let row = rows[instance]
        row.isQueued = false
        // Between its turn and now, a stop may have come, or what it needs may have gone down.
        guard row.machine.isWaiting, startVerdict(of: row.place) == .ready else { return true }
        apply(.launch, to: instance, now: now, random: random, into: &actions)
        return true
    }

    /// Whether there is a start slot, and somebody in the queue for one.
    var mayGrantSlot: Bool { !launchesHeld && starting < startParallelism && slotQueueHead < slotQueue.count }

    enum StartVerdict { case ready, notYet, blocked }

    private func startVerdict(of service: Int) -> StartVerdict {
        if groups[service].blockers > 0 { return .blocked }
        return groups[service].unmet == 0 && groups[service].pendingBefore == 0 ? .ready : .notYet
    }

    func isInTheWay(_ other: Int, of service: Int) -> Bool {
        if groups[other].pending > 0 { return true }
        return graph.requires[service].contains(other) && groups[other].up < groups[other].instances.count
    }

    /// Counts an instance anew, and puts its service's neighbours on the worklist where its standing has changed.
    func count(_ instance: InstanceID) {
        let row = rows[instance]
        if !row.isTouched {
            row.isTouched = true
            touched.append(instance)
        }
        let isUp = row.machine.isUp
        let tally = tally(of: row, isUp: isUp)
        let old = row.tally
        let service = row.place
        if tally != old {
            row.tally = tally
            groups[service].up += step(old.isUp, tally.isUp)
            groups[service].pending += step(old.isPending, tally.isPending)
            groups[service].leaving += step(old.isLeaving, tally.isLeaving)
            groups[service].lost += step(old.isLost, tally.isLost)
            groups[service].asking += step(old.isAsking, tally.isAsking)
            starting += step(old.isStarting, tally.isStarting)
            busy += step(old.isBusy, tally.isBusy)
            blockedCount += step(old.isBlocked, tally.isBlocked)
            if old.state != tally.state {
                if let state = old.state { counts[state] = counts[state].flatMap { $0 > 1 ? $0 - 1 : nil } }
                if let state = tally.state { counts[state, default: 0] += 1 }
            }
            if old.isUp, row.machine.hasFallen, !graph.boundBy[service].isEmpty { fallen.append(service) }
            tellNeighbours(of: service)
        }
        if !row.isReached, hasReachedGoal(row) {
            row.isReached = true
            unreached -= 1
        }
    }

    /// How an instance is to be counted.
    private func tally(of row: Row, isUp: Bool) -> Tally {
        let (desired, stopRequested) = (row.machine.desired, row.machine.stopRequested)
        var tally = Tally()
        tally.state = row.isListed ? row.machine.state : nil
        tally.isUp = isUp
        tally.isLeaving = row.machine.isLive && (row.machine.isGoingDown || desired == .down)
        tally.isAsking = stopRequested
        switch row.machine.phase {
        case .waiting:
            tally.isAsking = true
            tally.isBlocked = row.isBlocked
            tally.isPending = !row.isBlocked
            tally.isBusy = !row.isBlocked
            tally.isLost = row.isHopeless
        case .starting:
            tally.isPending = desired == .up
            tally.isBusy = true
            // What only has to stay up holds up nothing else: a slot is for what is between fork and ready.
            tally.isStarting = !row.machine.provesUptime
        case .stopping(let stop):
            // Going down to come up again is on its way up; what ended by itself has had its turn.
            tally.isPending = desired == .up && (stop.why == .ordered || row.machine.completesStart)
            tally.isBusy = true
        case .running:
            tally.isPending = stopRequested && desired == .up
            tally.isBusy = true
        case .backoff:
            tally.isBusy = true
        case .exited, .fatal:
            tally.isLost = desired == .up && !isUp
        case .stopped:
            // What failed and was forgotten (`resetFailed`) is in somebody's hands.
            break
        }
        return tally
    }

    /// Passes a change of a service's standing on: a start looks at what comes before it, a stop at what comes after.
    func tellNeighbours(of service: Int) {
        let new = Standing(
            isUp: groups[service].up == groups[service].instances.count, isPending: groups[service].pending > 0,
            isLeaving: groups[service].leaving > 0, isLost: groups[service].lost > 0)
        let old = groups[service].standing
        guard new != old else { return }
        groups[service].standing = new
        for requirer in graph.requiredBy[service] {
            groups[requirer].unmet += step(!old.isUp, !new.isUp)
            groups[requirer].blockers += step(old.isBlocking, new.isBlocking)
            groups[requirer].losses += step(old.isBlockingForGood, new.isBlockingForGood)
        }
        for successor in graph.successors[service] {
            groups[successor].pendingBefore += step(old.isPending, new.isPending)
            look(at: successor)
        }
        guard old.isLeaving != new.isLeaving else { return }
        for predecessor in stopPredecessors[service] {
            groups[predecessor].leavingAfter += step(old.isLeaving, new.isLeaving)
            look(at: predecessor)
        }
    }

    private func hasReachedGoal(_ row: Row) -> Bool {
        switch row.machine.phase {
        case .running, .exited, .fatal, .backoff: true
        case .waiting: row.isBlocked
        // An operator has taken it out of the goal.
        case .stopped: row.machine.wasLaunched || row.machine.cause != .none
        case .starting, .stopping: false
        }
    }

    func look(at service: Int) {
        guard groups[service].asking > 0, !groups[service].isOnWorklist else { return }
        groups[service].isOnWorklist = true
        worklist.append(service)
    }

    private func step<Count: SignedInteger>(_ old: Bool, _ new: Bool) -> Count { (new ? 1 : 0) - (old ? 1 : 0) }
}

extension ServiceState {
    /// Whether nothing of an instance runs, and something has ended.
    fileprivate var isAtRest: Bool {
        switch self {
        case .backoff, .exited, .fatal: true
        case .stopped, .starting, .running, .stopping: false
        }
    }
}
