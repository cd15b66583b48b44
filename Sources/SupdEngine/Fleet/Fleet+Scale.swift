package import SupdPlugin

/// More instances of a service, or fewer, while it runs.
extension Fleet {
    /// Has `count` instances of a service at least, and answers those that are new: what nobody has scaled to yet.
    package func reserve(_ service: ServiceID, instances count: Int, now: MonotonicInstant) -> [InstanceID] {
        let place = places[service]
        var new: [InstanceID] = []
        while groups[place].instances.allCount < count {
            let instance = addRow(at: place, now: now)
            // Only what the daemon was started with is its first goal.
            rows[instance].isListed = false
            rows[instance].isDeparting = groups[place].isDeparting
            rows[instance].tally.state = nil
            groups[place].instances.reserve(instance)
            new.append(instance)
        }
        return new
    }

    /// Wants `count` instances of a service up, at least one, and any others down; these leave its list once they are. Only as many as
    /// were reserved. A second call with the same number starts what is not up. Unless it `starts` them, those that stay are left as they
    /// are. Nothing where the service departs.
    package func scale(
        _ service: ServiceID, to count: Int, starts: Bool = true, cause: Cause, now: MonotonicInstant,
        random: () -> Double, into actions: inout [FleetAction]
    ) {
        let (kept, surplus) = setCount(of: places[service], count, into: &actions)
        let up = starts ? pulledIn(by: kept) + steps(.start, kept) : []
        take(Order(cause, steps(.stop, surplus) + up), now: now, random: random, into: &actions)
    }

    /// The same without any order: answers those that are kept and those that are to go.
    private func setCount(
        of place: Int, _ count: Int, into actions: inout [FleetAction]
    ) -> (kept: [InstanceID], surplus: [InstanceID]) {
        guard !groups[place].isDeparting else { return ([], []) }
        let count = min(max(count, 1), groups[place].instances.allCount)
        let surplus = groups[place].instances.setTarget(count)
        let kept = (0..<count).map { groups[place].instances[$0] }
        for instance in kept { rows[instance].isDeparting = false }
        for instance in surplus { rows[instance].isDeparting = true }
        for instance in kept where !rows[instance].isListed {
            rows[instance].isListed = true
            listedCount += 1
            self.count(instance)
        }
        tellNeighbours(of: place)
        retire(of: place, into: &actions)
        return (kept, surplus)
    }

    /// How many instances of a service were ever reserved.
    package func reservedCount(of service: ServiceID) -> Int { groups[places[service]].instances.allCount }

    /// Whether an instance was scaled away or its service removed: it is on its way out, or gone.
    package func isDeparting(_ instance: InstanceID) -> Bool { rows[instance].isDeparting }

    /// Takes those at the end of a service's list out that are to go and are down.
    func retire(of place: Int, into actions: inout [FleetAction]) {
        while groups[place].instances.count > groups[place].instances.target,
            let last = groups[place].instances.last, !rows[last].machine.isLive, rows[last].machine.desired == .down
        {
            rows[groups[place].instances.removeLast()].isListed = false
            listedCount -= 1
            count(last)
            actions.append(.retired(instance: last))
        }
        tellNeighbours(of: place)
    }
}
