import SupdPlugin

extension Fleet {
    /// What cannot be true of a fleet that has settled, as sentences; empty where all is well. For tests: counts
    /// everything from scratch, and looks whether anything that could be granted was forgotten.
    package func faults() -> [String] {
        var faults = machines.indices.flatMap { place in machines[place].faults().map { "instance \(place): \($0)" } }
        let counted = recount()
        for (place, group) in groups.enumerated() {
            let actual = counted.groups[place]
            let numbers = [group.up, group.pending, group.leaving, group.asking, group.lost]
            let recounted = [actual.up, actual.pending, actual.leaving, actual.asking, actual.lost]
            if numbers != recounted { faults.append("service \(place): counted \(numbers), recounted \(recounted)") }
        }
        if starting != counted.starting { faults.append("starting is \(starting), recounted \(counted.starting)") }
        if busy != counted.busy { faults.append("busy is \(busy), recounted \(counted.busy)") }
        let unseen = reached.reduce(0) { $0 + ($1 ? 0 : 1) }
        if unreached != unseen { faults.append("unreached is \(unreached), recounted \(unseen)") }
        if !isSettled || listed.contains(true) { faults.append("the fleet has not settled") }
        let states = groups.flatMap(\.instances).map { machines[$0].state }
        let recounted = Dictionary(states.map { ($0, 1) }, uniquingKeysWith: +)
        if counts != recounted { faults.append("states are counted \(counts), recounted \(recounted)") }
        if listedCount != states.count { faults.append("\(listedCount) are listed, recounted \(states.count)") }
        let isBlocked = machines.indices.filter(isBlocked).count
        if blockedCount != isBlocked { faults.append("blocked is \(blockedCount), recounted \(isBlocked)") }
        for place in groups.indices { faults += forgotten(in: place, of: counted.groups) }
        return faults + queueFaults()
    }

    private func recount() -> (groups: [Group], starting: Int, busy: Int) {
        var result = groups.map { Group(instances: $0.instances) }
        var starting = 0
        var busy = 0
        for place in machines.indices {
            let isPending: Bool
            let desired = machines[place].desired
            switch machines[place].phase {
            case .stopped, .exited, .fatal: isPending = false
            case .backoff:
                isPending = false
                busy += 1
            case .waiting:
                isPending = !blocked[place]
                if isPending { busy += 1 }
            case .starting:
                isPending = desired == .up
                starting += machines[place].awaitsUptime ? 0 : 1
                busy += 1
            case .running:
                isPending = machines[place].stopRequested && desired == .up
                busy += 1
            case .stopping(let stop):
                isPending = (stop.why == .ordered || machines[place].completesStart) && desired == .up
                busy += 1
            }
            let service = service(of: place)
            let isLeaving = machines[place].isLive && (machines[place].isGoingDown || desired == .down)
            if isPending { result[service].pending += 1 }
            if isLeaving { result[service].leaving += 1 }
            if machines[place].isUp { result[service].up += 1 }
            let isAsking = machines[place].phase == .waiting || machines[place].stopRequested
            if isLost(place) { result[service].lost += 1 }
            if isAsking { result[service].asking += 1 }
        }
        return (result, starting, busy)
    }

    private func isLost(_ instance: Int) -> Bool {
        switch machines[instance].phase {
        case .exited, .fatal: machines[instance].desired == .up && !machines[instance].isUp
        case .waiting: hopeless[instance]
        case .stopped, .starting, .running, .backoff, .stopping: false
        }
    }

    /// Starts and stops that nothing stands in the way of, and that were not granted.
    private func forgotten(in service: Int, of groups: [Group]) -> [String] {
        var faults: [String] = []
        let isAsked = self.groups[service].instances.contains { machines[$0].stopRequested }
        let mayStop =
            isAsked
            && groups.indices.allSatisfy { groups[$0].leaving == 0 || !stopPredecessors[$0].contains(service) }
        let unmet = graph.requires[service].filter { groups[$0].up < groups[$0].instances.count }
        let isBlocked = unmet.contains { groups[$0].pending == 0 && groups[$0].leaving == 0 }
        let isHopeless = unmet.contains {
            groups[$0].pending == 0 && groups[$0].leaving == 0 && groups[$0].lost > 0
        }
        let isReady = unmet.isEmpty && graph.predecessors[service].allSatisfy { groups[$0].pending == 0 }
        let hasSlot = !launchesHeld && starting < startParallelism
        for instance in groups[service].instances {
            if machines[instance].stopRequested, mayStop { faults.append("instance \(instance) could stop") }
            guard machines[instance].phase == .waiting else { continue }
            if blocked[instance] != isBlocked { faults.append("instance \(instance): blocked is \(blocked[instance])") }
            if hopeless[instance] != isHopeless {
                faults.append("instance \(instance): hopeless is \(hopeless[instance])")
            }
            if isReady, hasSlot { faults.append("instance \(instance) could start") }
            if isReady, !queued[instance] { faults.append("instance \(instance) is not in the queue of starts") }
        }
        return faults
    }

    private func queueFaults() -> [String] {
        var isThere = [Bool](repeating: false, count: machines.count)
        for instance in slotQueue[slotQueueHead...] {
            if isThere[instance] { return ["instance \(instance) is in the queue of starts twice"] }
            isThere[instance] = true
        }
        if isThere != queued { return ["the queue of starts is not what is noted of it"] }
        if slotQueue.count > 2 * machines.count + 64 { return ["the queue of starts grows without need"] }
        return []
    }
}
