package import SupdPlugin

extension Fleet {
    /// How many instances `startEnabled` starts.
    package var enabledCount: Int {
        let enabled = enabled
        return enabled.count + pulledIn(by: enabled).count
    }

    private var enabled: [InstanceID] { groups.filter { $0.settings.enabled }.flatMap(\.instances) }

    /// Starts every enabled service, with what it requires and wants.
    package func startEnabled(
        by cause: Cause = .boot, now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) {
        start(enabled, cause: cause, now: now, random: random, into: &actions)
    }

    /// Whether `startEnabled` starts a service: it is enabled, or one that is requires or wants it, directly or not.
    package func isStartedWithEnabled(_ service: ServiceID) -> Bool {
        let place = place(of: service)
        var seen: Set<Int> = [place]
        var next = [place]
        while let pulled = next.popLast() {
            if groups[pulled].settings.enabled { return true }
            // What pulls it in comes after it, too.
            for other in graph.successors[pulled] where graph.pulls[other].contains(pulled) {
                if seen.insert(other).inserted { next.append(other) }
            }
        }
        return false
    }

    /// Starts `instances`, and before them what their services require and want.
    package func start(
        _ instances: [InstanceID], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        take(Order(cause, pulledIn(by: instances) + steps(.start, instances)), now: now, random: random, into: &actions)
    }

    /// Stops `instances`, before them whatever requires their services, and with them what is part of those.
    package func stop(
        _ instances: [InstanceID], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        let order = Order(cause, dependents(of: instances, .stopAlong) + steps(.stop, instances))
        take(order, now: now, random: random, into: &actions)
    }

    /// Stops and starts `instances`, and whatever requires their services or is part of them, and is up.
    package func restart(
        _ instances: [InstanceID], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        let order = Order(
            cause, dependents(of: instances, .restartAlong) + pulledIn(by: instances) + steps(.restart, instances))
        take(order, now: now, random: random, into: &actions)
    }

    /// Stops everything, in reverse order.
    package func stopAll(
        cause: Cause, now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) {
        take(Order(cause, steps(.stop, allInstances)), now: now, random: random, into: &actions)
    }

    /// Kills everything that is live at once, without order, and after what is left of orders: what was to stop is not started
    /// again.
    package func killAll(now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]) {
        while takeOrderStep(now: now, random: random, into: &actions) {}
        for instance in allInstances where rows[instance].machine.isLive {
            apply(.kill, to: instance, now: now, random: random, into: &actions)
        }
        advance(now: now, random: random, into: &actions)
    }

    /// Takes an event of one instance: its process, its timer, an order that concerns it alone. Nothing where it was removed.
    package func handle(
        _ event: ServiceEvent, of instance: InstanceID, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        guard rows.contains(instance) else { return }
        // What waits for its turn already goes on in turns: events are not to hurry it.
        let wasSettled = isSettled
        apply(event, to: instance, now: now, random: random, into: &actions)
        if wasSettled {
            advance(now: now, random: random, into: &actions)
        } else {
            tellWaiting(into: &actions)
        }
    }
}

extension Fleet {
    /// Lets services start again, after `holdLaunches`.
    package func releaseLaunches() { launchesHeld = false }

    /// Lets nothing start any more, and drops what waits to: pending restarts and starts, also those whose program is not
    /// begun yet. What runs goes on running.
    package func holdLaunches(
        cause: Cause, now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) {
        launchesHeld = true
        take(Order(cause, steps(.hold, allInstances)), now: now, random: random, into: &actions)
    }
}
