package import SupdPlugin

/// Other services, or the same ones otherwise, while they run.
extension Fleet {
    /// A service as it is to be from now on.
    package struct Definition: Sendable {
        /// Which one it is; nil for one that is not there yet.
        package var id: ServiceID?
        /// What it is like. The number of instances counts only for a new one: others are scaled.
        package var member: Member
        /// Whether what runs of it by its latest settings is told, too; else it goes on by them until its next start.
        package var isAtOnce: Bool
        /// Older settings of it of which the same is true.
        package var givenUp: [ServiceSettings]

        /// The definition of these.
        package init(id: ServiceID?, member: Member, isAtOnce: Bool, givenUp: [ServiceSettings] = []) {
            self.id = id
            self.member = member
            self.isAtOnce = isAtOnce
            self.givenUp = givenUp
        }
    }

    /// Has these services, in this order, and answers their identities. `graph` is of their relations, in the same order. New ones are not
    /// started. All that there are have to be among them, those on their way out as well: see `remove`.
    ///
    /// What waits is looked at anew; nothing that runs is touched, but for the settings of the definitions that are for at once.
    package func reform(
        _ definitions: [Definition], graph: DependencyGraph, startParallelism: Int, now: MonotonicInstant,
        into actions: inout [FleetAction]
    ) -> [ServiceID] {
        let fallen = fallen.map { groups[$0].id }
        let old = groups
        var changed: [InstanceID] = []
        groups = []
        groups.reserveCapacity(definitions.count)
        for (place, definition) in definitions.enumerated() {
            if let id = definition.id, places.contains(id) {
                groups.append(old[places[id]])
                places.replace(id, by: place)
                changed += redefine(place, as: definition)
            } else {
                addGroup(definition.member, at: place, isGoal: false, now: now)
            }
        }
        self.graph = graph
        self.startParallelism = max(startParallelism, 1)
        relate(fallen)
        replaceSettings(of: changed, now: now, into: &actions)
        return groups.map(\.id)
    }

    /// Takes services out that are down (`isGone`). Those behind them move up; takes the less the more they are at the end.
    package func remove(_ services: some Sequence<ServiceID>) {
        let fallen = fallen.map { groups[$0].id }
        let gone = Set(services.map { places[$0] })
        guard let first = gone.min() else { return }
        for place in gone { remove(groups[place]) }
        groups.replaceSubrange(first..., with: groups[first...].filter { places.contains($0.id) })
        for place in groups.indices.dropFirst(first) {
            places.replace(groups[place].id, by: place)
            for instance in groups[place].instances.all { rows[instance].place = place }
        }
        graph.remove(gone)
        relate(fallen)
    }

    /// Looks at all anew by the graph, which is another one.
    private func relate(_ fallen: [ServiceID]) {
        stopPredecessors = Fleet.stopPredecessors(graph, isOneshot: groups.map { $0.settings.type == .oneshot })
        self.fallen = fallen.compactMap { places.contains($0) ? places[$0] : nil }
        lookAround()
    }

    /// Has these of its services go by other settings. All that it has keep their order, their relations and their types.
    package func redefine(
        _ definitions: [Definition], startParallelism: Int, now: MonotonicInstant, into actions: inout [FleetAction]
    ) {
        self.startParallelism = max(startParallelism, 1)
        var changed: [InstanceID] = []
        for definition in definitions {
            guard let id = definition.id else { preconditionFailure("a new service has another graph") }
            changed += redefine(places[id], as: definition)
        }
        replaceSettings(of: changed, now: now, into: &actions)
    }

    private func replaceSettings(
        of instances: [InstanceID], now: MonotonicInstant, into actions: inout [FleetAction]
    ) {
        for instance in instances {
            let settings = groups[rows[instance].place].settings
            change(instance, into: &actions) { $0.replaceSettings(by: settings, now: now, into: &$1) }
        }
    }

    /// Wants a service down for good: nobody starts it again. Once it `isGone` it may be removed. A second call changes nothing.
    package func depart(
        _ services: [ServiceID], cause: Cause, now: MonotonicInstant, random: () -> Double,
        into actions: inout [FleetAction]
    ) {
        for service in services { groups[places[service]].isDeparting = true }
        let instances = services.flatMap { groups[places[$0]].instances.all }
        for instance in instances { rows[instance].isDeparting = true }
        take(Order(cause, steps(.stop, instances)), now: now, random: random, into: &actions)
    }

    /// Whether nothing of a service runs or is to run.
    package func isGone(_ service: ServiceID) -> Bool {
        groups[places[service]].instances.all.allSatisfy {
            !rows[$0].machine.isLive && rows[$0].machine.desired == .down
        }
    }

    /// Takes the definition over for what begins from now on, and answers the instances that are to be told at once.
    private func redefine(_ place: Int, as definition: Definition) -> [InstanceID] {
        let former = groups[place].settings
        groups[place].settings = definition.member.settings
        let instances = groups[place].instances.all
        for instance in instances { rows[instance].place = place }
        guard former !== definition.member.settings else { return [] }
        return instances.filter { instance in
            // One that runs by older settings still does so to its end, or until those are given up.
            let settings = rows[instance].machine.settings
            return !rows[instance].machine.isLive || definition.isAtOnce && settings === former
                || definition.givenUp.contains { $0 === settings }
        }
    }

    private func remove(_ group: Group) {
        for instance in group.instances.all {
            let row = rows[instance]
            usedAttempts = max(usedAttempts, row.machine.attempt)
            if row.isListed { listedCount -= 1 }
            if !row.isReached { unreached -= 1 }
            if row.tally.isStarting { starting -= 1 }
            if row.tally.isBusy { busy -= 1 }
            if row.tally.isBlocked { blockedCount -= 1 }
            if let state = row.tally.state { counts[state] = counts[state].flatMap { $0 > 1 ? $0 - 1 : nil } }
            rows.remove(instance)
        }
        places.remove(group.id)
    }

    /// Counts anew what each service's neighbours stand like, and looks at all that wait.
    func lookAround() {
        worklist = []
        for place in groups.indices {
            groups[place].unmet = Int32(graph.requires[place].count { !groups[$0].standing.isUp })
            groups[place].blockers = Int32(graph.requires[place].count { groups[$0].standing.isBlocking })
            groups[place].losses = Int32(graph.requires[place].count { groups[$0].standing.isBlockingForGood })
            groups[place].pendingBefore = Int32(graph.predecessors[place].count { groups[$0].standing.isPending })
            groups[place].leavingAfter = 0
            groups[place].isOnWorklist = false
        }
        for place in groups.indices where groups[place].standing.isLeaving {
            for predecessor in stopPredecessors[place] { groups[predecessor].leavingAfter += 1 }
        }
        for place in groups.indices { look(at: place) }
    }
}
