import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// A configuration put into effect: what says the same is not touched.
extension Supervisor {
    /// What a configuration has set going.
    struct Touched {
        /// The instances that something becomes of.
        var instances: [InstanceID] = []
        /// The attempts of those that are restarted, as they were.
        var attempts: [InstanceID: UInt64] = [:]
        /// The services that run on by their older definitions, by name.
        var deferred: [String] = []
    }

    /// Has the daemon go by `prepared`. With `deferred` what would have to be restarted is left running. What is told of that is part of
    /// the history of those that are started, restarted or stopped by it.
    func takeOver(_ prepared: PreparedConfiguration, deferred: Bool, cause: Cause, _ event: KeptEvent) -> Touched {
        configuring.inForce = prepared.rest
        configuring.readAt = host.wallClock()
        // Not even looked at: ten thousand services cost nothing.
        guard !prepared.changesNothing else { return Touched() }
        let gone = Set(prepared.removed.compactMap { roster.service(named: $0.rawValue) })
        let removed =
            gone.isEmpty ? [] : fleet.services.filter { gone.contains($0) && !configuring.departing.contains($0) }
        configuring.departing.formUnion(removed)
        let services = reform(prepared)
        takeOver(prepared.rest.supervisor)
        if !prepared.revival.names.isEmpty { plugins.exchange(prepared.revival) }
        var touched = Touched()
        touched.instances = removed.flatMap { Array(fleet.instances(of: $0)) }
        var added: [InstanceID] = []
        var restarted: [InstanceID] = []
        var restartedAlong: [InstanceID] = []
        var new: [ServiceID] = []
        var changed: [ServiceID] = []
        for (place, id) in services.enumerated() {
            guard let change = prepared.changes[place] else { continue }
            let definition = prepared.definitions[place]
            if change.kind == .added { new.append(id) }
            if change.kind == .added || change.touches("sockets") { changed.append(id) }
            switch change.kind {
            case .added: added += definition.configuration.enabled ? Array(fleet.instances(of: id)) : []
            case .restarted where deferred: touched.deferred.append(definition.configuration.name.rawValue)
            case .restarted: restarted += fleet.instances(of: id).filter(isStartedAnew)
            case .changed, .scaled, .removed, .unchanged: break
            }
            if change.touches("enabled"), definition.configuration.enabled {
                added += fleet.instances(of: id).filter { !fleet[$0].wasLaunched && fleet[$0].cause == .none }
            }
        }
        launcher.sockets.passOn(from: configuring.departing.sorted(), and: changed)
        for service in new { launcher.sockets.bind(of: service) }
        if !deferred, !prepared.along.isEmpty {
            for (id, definition) in zip(services, prepared.definitions)
            where prepared.along[definition.configuration.name] != nil {
                restartedAlong += fleet.instances(of: id).filter { isWantedUp($0) && fleet[$0].isLive }
            }
        }
        for instance in restarted + restartedAlong where fleet[instance].isLive {
            touched.attempts[instance] = fleet[instance].attempt
        }
        for instance in touched.instances + restarted + restartedAlong + added {
            roster.note(event, of: instance)
        }
        // What goes is told first, so that what comes finds its place.
        act { $0.depart(removed, cause: cause, now: $1, random: $2, into: &$3) }
        for (id, change) in zip(services, prepared.changes) {
            guard let change, change.kind != .added, change.oldInstances != change.newInstances else { continue }
            // What nobody wants up is not started by a number.
            let isWanted = fleet.instances(of: id).contains(where: isWantedUp)
            touched.instances += scale(id, to: change.newInstances, starts: isWanted, cause: cause)
        }
        if !restarted.isEmpty { control.carryOut(.restart, restarted, cause: cause) }
        if !added.isEmpty { control.carryOut(.start, added, cause: cause) }
        touched.instances += restarted + restartedAlong + added
        // As whoever has moved one asks for, too.
        _ = logs.reopenAll()
        noteChange()
        return touched
    }

    /// Whether an instance is begun once more where its program is another one: it runs, or it would if it had not failed. One that has
    /// done its work, and one that an order has stopped, is left as it is; one that waits begins by the new definition anyway.
    private func isStartedAnew(_ instance: InstanceID) -> Bool {
        guard isWantedUp(instance) else { return false }
        return fleet[instance].isLive || fleet[instance].state == .backoff || fleet.hasFailedForGood(instance)
    }

    private func isWantedUp(_ instance: InstanceID) -> Bool { fleet[instance].desired == .up }

    /// The fleet and the roster get the services of `prepared`, and keep those that are on their way out.
    private func reform(_ prepared: PreparedConfiguration) -> [ServiceID] {
        let new = prepared.members
        var definitions = new
        let graph = addDeparting(to: &definitions, made: prepared.graph)
        var all: [ServiceID] = []
        act {
            all = $0.reform(
                definitions, graph: graph, startParallelism: prepared.rest.supervisor.startParallelism, now: $1,
                into: &$3)
        }
        let services = Array(all.prefix(new.count))
        for (place, (id, definition)) in zip(services, prepared.definitions).enumerated() {
            guard new[place].id != nil else {
                enroll(id, definition, logQueue: addLogQueue(of: definition))
                continue
            }
            guard roster.definition(of: id) !== definition else { continue }
            let change = prepared.changes[place]
            let former = roster.definition(of: id)
            roster.define(id, definition)
            let queue =
                change?.touches("log.sink") == true
                ? roster.exchangeLogQueue(of: id, addLogQueue(of: definition)) : nil
            for instance in fleet.everyInstance(of: id) {
                // One that runs by an older definition still does so to its end.
                guard !fleet[instance].isLive || new[place].isAtOnce && roster[instance].definition === former else {
                    continue
                }
                roster.adopt(instance)
                if let change { adoptAtOnce(instance, change, former: former.configuration) }
            }
            if let queue { plugins.letGo(queue) }
        }
        return services
    }

    /// Whether an instance runs by an older definition than its service's.
    func runsOlderDefinition(_ instance: InstanceID) -> Bool {
        fleet[instance].isLive && roster[instance].definition !== roster.definition(of: roster[instance].service)
    }

    /// Adds those that are on their way out, and answers the graph of all: where there are none the one that was `made` of the others.
    private func addDeparting(
        to definitions: inout [Fleet.Definition], made: DependencyGraph? = nil
    ) -> DependencyGraph {
        if configuring.departing.isEmpty, let made { return made }
        let staying = definitions.map(\.member.relations)
        let departing = configuring.departing.sorted()
        for id in departing {
            let member = Fleet.Member(roster.definition(of: id))
            definitions.append(Fleet.Definition(id: id, member: member, isAtOnce: false))
        }
        let leaving = definitions.dropFirst(staying.count).map(\.member.relations)
        guard let whole = try? DependencyGraph(staying: staying, leaving: Array(leaving)) else {
            preconditionFailure("what stays has a graph of its own")
        }
        return whole
    }

    /// `[supervisor]`, as far as it can be changed while the daemon runs.
    private func takeOver(_ supervisor: SupervisorConfiguration) {
        settings.exitWhen = supervisor.exitWhen
        drain.budget = supervisor.drain
        control.access.takeOver(supervisor.access)
        control.server.limit = supervisor.connections
        plugins.catalogue.setHooks(supervisor.hooks)
    }

    /// What a change does to an instance whose definition was exchanged under it.
    private func adoptAtOnce(_ instance: InstanceID, _ change: ServiceChange, former: ServiceConfiguration) {
        if change.touches("ready") || change.touches("health") { plugins.probes.beginAnew(instance) }
        if change.touches("ready") { awaitReadinessAnew(of: instance) }
        if let running = processes.running(of: instance) {
            let settings = TreeSettings(former)
            if settings != TreeSettings(definition(of: instance)) {
                configuring.settings.append((instance, running.attempt, settings))
            }
        }
        if change.touches("log") {
            let name = processes.startedName(of: instance)
            logs.change(
                instance, name: name, configuration: definition(of: instance).log(of: name),
                queue: logQueue(of: instance))
        }
    }

    /// Has what runs go by its settings of now, as much of it as a turn may.
    func applySettings() {
        guard !configuring.settings.isEmpty else { return }
        let end = host.readClock().advanced(by: ProtocolLimits.timePerTurn)
        repeat {
            let (instance, attempt, former) = configuring.settings.removeFirst()
            // What was begun since has them.
            guard let running = processes.running(of: instance), running.attempt == attempt,
                let tree = processes.tree(of: instance)
            else { continue }
            let report = host.apply(TreeSettings(definition(of: instance)), insteadOf: former, to: tree)
            let name = name(of: instance)
            for problem in report.problems {
                log.write(.warning, "\(name) goes on without \(problem)", about: name, kind: .goesOnWithout)
            }
            if report.leftOut > 0 {
                log.write(
                    .warning, "\(name) has too many processes: \(report.leftOut) keep their limits", about: name,
                    kind: .goesOnWithout)
            }
        } while !configuring.settings.isEmpty && host.readClock() < end
        if !configuring.settings.isEmpty { host.arm(TimerKind.next.token(), at: host.now) }
    }

    /// A queue for a service's lines, where a plugin's sink is to take them.
    private func addLogQueue(of definition: ServiceDefinition) -> SinkQueue? {
        let queue = definition.makeLogQueue()
        if let queue { plugins.sinks.add(queue) }
        return queue
    }

    // MARK: What goes

    /// Removes the services that are on their way out and of which nothing is left. Then a configuration is read that waits for that.
    func removeDeparted() {
        guard !configuring.departing.isEmpty else { return }
        guard configuring.lookAt <= host.now else { return host.arm(TimerKind.next.token(), at: configuring.lookAt) }
        // Each removal looks at the whole fleet: thousands that go one by one are removed many at a time.
        let count = configuring.departing.count
        if count > ConfigurationDesk.lookedAtUnasked {
            configuring.lookAt = host.now.advanced(by: .milliseconds(50 + count / 20))
            host.arm(TimerKind.next.token(), at: configuring.lookAt)
        }
        let gone = configuring.departing.filter(isGone)
        guard !gone.isEmpty else { return }
        for service in gone { forget(service) }
        configuring.departing.subtract(gone)
        let kept = fleet.services.filter { !gone.contains($0) }
        var definitions = kept.filter { !configuring.departing.contains($0) }.map { id in
            Fleet.Definition(id: id, member: Fleet.Member(roster.definition(of: id)), isAtOnce: false)
        }
        let graph = addDeparting(to: &definitions)
        let parallelism = fleet.startParallelism
        act { _ = $0.reform(definitions, graph: graph, startParallelism: parallelism, now: $1, into: &$3) }
        configuring.awaitsDeparture = false
        noteChange()
        readNextConfiguration()
    }

    /// Whether nothing of a service is left that anybody will hear of.
    private func isGone(_ service: ServiceID) -> Bool {
        fleet.isGone(service)
            && fleet.everyInstance(of: service).allSatisfy { instance in
                !processes.isRunning(instance) && !commands.isBusy(with: instance)
                    && !plugins.isBusy(with: instance)
            }
    }

    private func forget(_ service: ServiceID) {
        let instances = fleet.everyInstance(of: service)
        // Who waits for it is answered while there is still something to say of it.
        control.waiting.look(for: instances)
        for instance in instances {
            if let task = logs.finish(instance) { drain.complete(task) }
            logs.remove(instance)
            processes.left.forget(instance)
            commands.forget(instance)
            plugins.probes.forget(instance)
            closeNotices(of: instance)
        }
        launcher.sockets.closeAll(of: service)
        if let queue = roster.exchangeLogQueue(of: service, nil) { plugins.letGo(queue) }
        log.write(
            .info, "\(configuration(of: service).name) is removed", about: instances.map(name(of:)), kind: .removed)
        roster.remove(service, instances: instances)
    }
}
