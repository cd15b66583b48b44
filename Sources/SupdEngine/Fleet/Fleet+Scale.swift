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
            unlisted.insert(machines.count)
            machines.append(ServiceMachine(settings: settings, now: now))
            groupOf.append(Int32(service))
            tallies.append(Tally(state: nil))
            isTouched.append(false)
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
        for instance in kept where unlisted.remove(instance) != nil { self.count(instance) }
        tellNeighbours(of: service)
        retire(of: service)
        let order = Order(cause, steps(.stop, surplus) + pulledIn(by: kept) + steps(.start, kept))
        take(order, now: now, random: random, into: &actions)
    }

    /// How many instances a service has places for, used or not.
    public func places(of service: Int) -> Int { groups[service].instances.places }

    /// Whether an instance was scaled away: it is on its way out, or gone.
    public func isDeparting(_ instance: Int) -> Bool { departing.contains(instance) }

    /// Takes those at the end of a service's list out that are to go and are down.
    mutating func retire(of service: Int) {
        while groups[service].instances.count > groups[service].instances.target,
            let last = groups[service].instances.last, !machines[last].isLive, machines[last].desired == .down
        {
            unlisted.insert(groups[service].instances.removeLast())
            count(last)
        }
        tellNeighbours(of: service)
    }
}
