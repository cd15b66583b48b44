import SupdPlugin

extension Fleet {
    /// What cannot be true of a fleet that has settled, as sentences; empty where all is well. For tests: counts
    /// everything from scratch, and looks whether anything that could be granted was forgotten.
    package func faults() -> [String] {
        var faults = rows.ids.flatMap { id in rows[id].machine.faults().map { "instance \(id): \($0)" } }
        let counted = recount()
        for (place, group) in groups.enumerated() {
            let actual = counted.groups[place]
            let numbers = [group.up, group.pending, group.leaving, group.asking, group.lost]
            let recounted = [actual.up, actual.pending, actual.leaving, actual.asking, actual.lost]
            if numbers != recounted { faults.append("service \(place): counted \(numbers), recounted \(recounted)") }
        }
        if starting != counted.starting { faults.append("starting is \(starting), recounted \(counted.starting)") }
        if busy != counted.busy { faults.append("busy is \(busy), recounted \(counted.busy)") }
        let unseen = rows.ids.count { !rows[$0].isReached }
        if unreached != unseen { faults.append("unreached is \(unreached), recounted \(unseen)") }
        if !isSettled || groups.contains(where: \.isOnWorklist) { faults.append("the fleet has not settled") }
        if !untold.isEmpty { faults.append("nobody was told that \(untold) wait") }
        let states = groups.flatMap(\.instances).map { rows[$0].machine.state }
        let recounted = Dictionary(states.map { ($0, 1) }, uniquingKeysWith: +)
        if counts != recounted { faults.append("states are counted \(counts), recounted \(recounted)") }
        if listedCount != states.count { faults.append("\(listedCount) are listed, recounted \(states.count)") }
        let isBlocked = rows.ids.count(where: isBlocked)
        if blockedCount != isBlocked { faults.append("blocked is \(blockedCount), recounted \(isBlocked)") }
        for place in groups.indices { faults += forgotten(in: place, of: counted.groups) }
        return faults + queueFaults()
    }

    private func recount() -> (groups: [Group], starting: Int, busy: Int) {
        var result = groups.map { Group(id: $0.id, name: $0.name, settings: $0.settings, instances: $0.instances) }
        var starting = 0
        var busy = 0
        for id in rows.ids {
            let isPending: Bool
            let desired = rows[id].machine.desired
            switch rows[id].machine.phase {
            case .stopped, .exited, .fatal: isPending = false
            case .backoff:
                isPending = false
                busy += 1
            case .waiting:
                isPending = !rows[id].isBlocked
                if isPending { busy += 1 }
            case .starting:
                isPending = desired == .up
                starting += rows[id].machine.awaitsUptime ? 0 : 1
                busy += 1
            case .running:
                isPending = rows[id].machine.stopRequested && desired == .up
                busy += 1
            case .stopping(let stop):
                isPending = (stop.why == .ordered || rows[id].machine.completesStart) && desired == .up
                busy += 1
            }
            let service = rows[id].place
            let isLeaving = rows[id].machine.isLive && (rows[id].machine.isGoingDown || desired == .down)
            if isPending { result[service].pending += 1 }
            if isLeaving { result[service].leaving += 1 }
            if rows[id].machine.isUp { result[service].up += 1 }
            let isAsking = rows[id].machine.phase == .waiting || rows[id].machine.stopRequested
            if isLost(id) { result[service].lost += 1 }
            if isAsking { result[service].asking += 1 }
        }
        return (result, starting, busy)
    }

    private func isLost(_ instance: InstanceID) -> Bool {
        switch rows[instance].machine.phase {
        case .exited, .fatal: rows[instance].machine.desired == .up && !rows[instance].machine.isUp
        case .waiting: rows[instance].isHopeless
        case .stopped, .starting, .running, .backoff, .stopping: false
        }
    }

    /// Starts and stops that nothing stands in the way of, and that were not granted.
    private func forgotten(in service: Int, of groups: [Group]) -> [String] {
        var faults: [String] = []
        let isAsked = self.groups[service].instances.contains { rows[$0].machine.stopRequested }
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
            if rows[instance].machine.stopRequested, mayStop { faults.append("instance \(instance) could stop") }
            guard rows[instance].machine.phase == .waiting else { continue }
            if rows[instance].isBlocked != isBlocked {
                faults.append("instance \(instance): blocked is \(rows[instance].isBlocked)")
            }
            if rows[instance].isHopeless != isHopeless {
                faults.append("instance \(instance): hopeless is \(rows[instance].isHopeless)")
            }
            if isReady, hasSlot { faults.append("instance \(instance) could start") }
            if isReady, !rows[instance].isQueued { faults.append("instance \(instance) is not in the queue of starts") }
        }
        return faults
    }

    private func queueFaults() -> [String] {
        var seen: Set<InstanceID> = []
        for instance in slotQueue[slotQueueHead...] where rows.contains(instance) {
            guard seen.insert(instance).inserted else {
                return ["instance \(instance) is in the queue of starts twice"]
            }
        }
        if seen != Set(rows.ids.filter { rows[$0].isQueued }) {
            return ["the queue of starts is not what is noted of it"]
        }
        if slotQueue.count > 2 * rows.count + 64 { return ["the queue of starts grows without need"] }
        return []
    }
}
