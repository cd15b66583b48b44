public import SupdPlugin

/// More instances of a service, or fewer, while it runs.
extension Fleet {
    /// Has a place for each of `count` instances of a service, and answers those that are new: at the end of the list.
    public mutating func reserve(_ service: Int, instances count: Int, now: MonotonicInstant) -> Range<Int> {
        let first = machines.count
        guard let settings = groups[service].instances.first.map({ machines[$0].settings }) else {
            return first..<first
        }
        while groups[service].instances.places < count {
            groups[service].instances.addPlace(machines.count)
            machines.append(ServiceMachine(settings: settings, now: now))
            groupOf.append(Int32(service))
            tallies.append(Tally())
            blocked.append(false)
            hopeless.append(false)
            queued.append(false)
            // Only what the daemon was started with is its first goal.
            reached.append(true)
        }
        return first..<machines.count
    }

    /// Wants `count` instances of a service up, at least one, and any others down; these leave its list once they are. Only as many as
    /// there are places (`reserve`). A second call with the same number starts what is not up.
    public mutating func scale(
        _ service: Int, to count: Int, cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        let count = min(max(count, 1), groups[service].instances.places)
        let surplus = groups[service].instances.setTarget(count)
        let kept = (0..<count).map { groups[service].instances[$0] }
        departing.subtract(kept)
        departing.formUnion(surplus)
        tellNeighbours(of: service)
        for instance in surplus { apply(.stop(cause), to: instance, now: now, random: random, into: &actions) }
        retire(of: service)
        start(kept, cause: cause, now: now, random: random, into: &actions)
    }

    /// Whether any instance was scaled away.
    public var hasDeparting: Bool { !departing.isEmpty }

    /// Whether an instance was scaled away: it is on its way out, or gone.
    public func isDeparting(_ instance: Int) -> Bool { departing.contains(instance) }

    /// Takes those at the end of a service's list out that are to go and are down.
    mutating func retire(of service: Int) {
        while groups[service].instances.count > groups[service].instances.target,
            let last = groups[service].instances.last, !machines[last].isLive, machines[last].desired == .down
        {
            _ = groups[service].instances.removeLast()
        }
        tellNeighbours(of: service)
    }
}
