public import SupdPlugin

extension Fleet {
    /// Starts every enabled service, with what it requires and wants.
    public mutating func startEnabled(now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]) {
        let enabled = groups.indices.filter { machines[groups[$0].instances[0]].settings.enabled }
        start(enabled.flatMap { groups[$0].instances }, cause: .boot, now: now, random: random, into: &actions)
    }

    /// Starts `instances`, and before them what their services require and want.
    public mutating func start(
        _ instances: [Int], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        pullIn(for: instances, now: now, random: random, into: &actions)
        for instance in instances { apply(.start(cause), to: instance, now: now, random: random, into: &actions) }
        settle(now: now, random: random, into: &actions)
    }

    /// Stops `instances`, before them whatever requires their services, and with them what is part of those.
    public mutating func stop(
        _ instances: [Int], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        takeDown(instances, cause: cause, now: now, random: random, into: &actions)
        settle(now: now, random: random, into: &actions)
    }

    /// Orders `instances` down, and what goes down with them.
    mutating func takeDown(
        _ instances: [Int], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        forDependents(of: instances) { fleet, instance, name in
            // What is wanted down already keeps its own cause.
            guard fleet.machines[instance].desired == .up else { return }
            fleet.apply(.stop(.dependency(name)), to: instance, now: now, random: random, into: &actions)
        }
        for instance in instances { apply(.stop(cause), to: instance, now: now, random: random, into: &actions) }
    }

    /// Stops and starts `instances`, and whatever requires their services or is part of them, and is up.
    public mutating func restart(
        _ instances: [Int], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        forDependents(of: instances) { fleet, instance, name in
            guard fleet.machines[instance].isLive, fleet.machines[instance].desired == .up else { return }
            fleet.apply(.restart(.dependency(name)), to: instance, now: now, random: random, into: &actions)
        }
        pullIn(for: instances, now: now, random: random, into: &actions)
        for instance in instances { apply(.restart(cause), to: instance, now: now, random: random, into: &actions) }
        settle(now: now, random: random, into: &actions)
    }

    /// Stops everything, in reverse order.
    public mutating func stopAll(
        cause: Cause, now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) {
        for instance in machines.indices {
            apply(.stop(cause), to: instance, now: now, random: random, into: &actions)
        }
        settle(now: now, random: random, into: &actions)
    }

    /// Kills everything that is live, without order.
    public mutating func killAll(now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]) {
        for instance in machines.indices where machines[instance].isLive {
            apply(.kill, to: instance, now: now, random: random, into: &actions)
        }
        settle(now: now, random: random, into: &actions)
    }

    /// Takes an event of one instance: its process, its timer, an order that concerns it alone.
    public mutating func handle(
        _ event: ServiceEvent, of instance: Int, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        guard machines.indices.contains(instance) else { return }
        apply(event, to: instance, now: now, random: random, into: &actions)
        settle(now: now, random: random, into: &actions)
    }

    /// Wants up what the services of `instances` require and want, where it is not up and not on its way.
    private mutating func pullIn(
        for instances: [Int], now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) {
        let asked = Set(instances)
        for service in graph.pullClosure(of: instances.map { Int(groupOf[$0]) }) {
            for pulled in graph.pulls[service] {
                for instance in groups[pulled].instances where machines[instance].needsStart {
                    guard !asked.contains(instance) else { continue }
                    let cause = Cause.dependency(names[service])
                    apply(.start(cause), to: instance, now: now, random: random, into: &actions)
                }
            }
        }
    }

    /// Calls `body` with every instance that goes down with `instances`, and with the service that takes it along:
    /// what requires their services or is part of them, and so on. Of a service of theirs, the other instances are left
    /// alone, unless it goes down with another one of theirs.
    private mutating func forDependents(
        of instances: [Int], _ body: (inout Fleet, Int, ServiceName) -> Void
    ) {
        let asked = Set(instances)
        let services = graph.stopClosure(of: instances.map { Int(groupOf[$0]) })
        let goingDown = Set(services)
        for service in services {
            guard let by = graph.stopsWith[service].first(where: goingDown.contains) else { continue }
            for instance in groups[service].instances where !asked.contains(instance) {
                body(&self, instance, names[by])
            }
        }
    }
}

extension Fleet {
    /// Lets services start again, after `holdLaunches`.
    public mutating func releaseLaunches() { launchesHeld = false }

    /// Lets nothing start any more, and drops what waits to: pending restarts and starts, also those whose program is not
    /// begun yet. What runs goes on running.
    public mutating func holdLaunches(
        cause: Cause, now: MonotonicInstant, random: () -> Double, into actions: inout [FleetAction]
    ) {
        launchesHeld = true
        for instance in machines.indices {
            switch machines[instance].phase {
            case .waiting, .backoff: apply(.stop(cause), to: instance, now: now, random: random, into: &actions)
            case .starting where !machines[instance].mayHaveMain:
                apply(.stop(cause), to: instance, now: now, random: random, into: &actions)
            case .stopped, .starting, .running, .stopping, .exited, .fatal: break
            }
        }
        settle(now: now, random: random, into: &actions)
    }
}
