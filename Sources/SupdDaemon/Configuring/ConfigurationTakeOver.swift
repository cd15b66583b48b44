import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// A configuration put into effect: what says the same is not touched.
final class ConfigurationTakeOver {
    /// What a configuration has set going.
    struct Touched {
        /// The instances that something becomes of.
        var instances: [InstanceID] = []
        /// The attempts of those that are restarted, as they were.
        var attempts: [InstanceID: UInt64] = [:]
        /// The services that run on by their older definitions, by name.
        var deferred: [String] = []
    }

    private unowned let seam: any ConfigurationSeam
    private let departures: Departures
    private let settings: PendingSettings

    /// What goes is told to `departures`, and what is to go by other settings than it was begun by to `settings`.
    init(_ seam: any ConfigurationSeam, _ departures: Departures, _ settings: PendingSettings) {
        self.seam = seam
        self.departures = departures
        self.settings = settings
    }

    /// A service as it is now.
    func standing(of service: ServiceID) -> ConfigurationInForce.Service {
        let definition = seam.roster.definition(of: service)
        let instances = seam.fleet.instances(of: service)
        var running: [ServiceDefinition] = []
        if instances.contains(where: seam.runsOlderDefinition) {
            for instance in instances where !seam.fleet.isDeparting(instance) && isStartedAnew(instance) {
                // What is on its way down begins by what is in force.
                let own =
                    seam.fleet[instance].state == .stopping ? definition : seam.roster[instance].definition
                if !running.contains(where: { $0 === own }) { running.append(own) }
            }
            if running.allSatisfy({ $0 === definition }) { running = [] }
        }
        return ConfigurationInForce.Service(
            id: service, definition: definition, instances: count(of: service), running: running)
    }

    /// How many instances a service has, without those that were scaled away.
    func count(of service: ServiceID) -> Int {
        seam.fleet.instances(of: service).count { !seam.fleet.isDeparting($0) }
    }

    /// Has the daemon go by `prepared`. With `deferred` what would have to be restarted is left running. The last event, which tells of
    /// that, is part of the history of those that are started, restarted or stopped by it.
    func carryOut(_ prepared: PreparedConfiguration, deferred: Bool, cause: Cause) -> Touched {
        // Not even looked at: ten thousand services cost nothing.
        guard !prepared.changesNothing else { return Touched() }
        let event = seam.events[seam.events.last].kept
        let removed = departures.begin(prepared.removed)
        let (services, replaced) = reform(prepared)
        takeOver(prepared.rest.supervisor)
        if !prepared.revival.names.isEmpty { seam.plugins.exchange(prepared.revival) }
        var touched = Touched()
        touched.instances = removed.flatMap { Array(seam.fleet.instances(of: $0)) }
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
            case .added: added += definition.configuration.conduct.enabled ? Array(seam.fleet.instances(of: id)) : []
            case .restarted where deferred: touched.deferred.append(definition.configuration.name.rawValue)
            case .restarted:
                restarted += seam.fleet.instances(of: id).filter { replaced.contains($0) && isStartedAnew($0) }
            case .changed, .scaled, .removed, .unchanged: break
            }
            if change.touches("enabled"), definition.configuration.conduct.enabled {
                added += seam.fleet.instances(of: id).filter {
                    !seam.fleet[$0].wasLaunched && seam.fleet[$0].cause == .none
                }
            }
        }
        seam.launcher.sockets.passOn(from: departures.all, and: changed)
        for service in new { seam.launcher.sockets.bind(of: service) }
        if !deferred, !prepared.along.isEmpty {
            for (id, definition) in zip(services, prepared.definitions)
            where prepared.along[definition.configuration.name] != nil {
                restartedAlong += seam.fleet.instances(of: id).filter { isWantedUp($0) && seam.fleet[$0].isLive }
            }
        }
        for instance in restarted + restartedAlong where seam.fleet[instance].isLive {
            touched.attempts[instance] = seam.fleet[instance].attempt
        }
        for instance in touched.instances + restarted + restartedAlong + added {
            seam.roster.note(event, of: instance)
        }
        // What goes is told first, so that what comes finds its place.
        seam.act { $0.depart(removed, cause: cause, now: $1, random: $2, into: &$3) }
        for (id, change) in zip(services, prepared.changes) {
            guard let change, change.kind != .added, change.touches("instances"), count(of: id) != change.newInstances
            else { continue }
            // What nobody wants up is not started by a number.
            let isWanted = seam.fleet.instances(of: id).contains(where: isWantedUp)
            touched.instances += seam.scale(id, to: change.newInstances, starts: isWanted, cause: cause)
        }
        if !restarted.isEmpty { seam.control.carryOut(.restart, restarted, cause: cause) }
        if !added.isEmpty { seam.control.carryOut(.start, added, cause: cause) }
        touched.instances += restarted + restartedAlong + added
        // As whoever has moved one asks for, too.
        _ = seam.logs.reopenAll()
        seam.noteChange()
        return touched
    }

    /// Whether an instance is begun once more where its program is another one: it runs, or it would if it had not failed. One that has
    /// done its work, and one that an order has stopped, is left as it is; one that waits begins by the new definition anyway.
    private func isStartedAnew(_ instance: InstanceID) -> Bool {
        guard isWantedUp(instance) else { return false }
        return seam.fleet[instance].isLive || seam.fleet[instance].state == .backoff
            || seam.fleet.hasFailedForGood(instance)
    }

    private func isWantedUp(_ instance: InstanceID) -> Bool { seam.fleet[instance].desired == .up }

    /// The fleet and the roster get the services of `prepared`, and keep those that are on their way out. Answers the instances, too, whose
    /// program is another one by it.
    private func reform(_ prepared: PreparedConfiguration) -> (services: [ServiceID], replaced: Set<InstanceID>) {
        let new = prepared.members
        var definitions = new
        let graph = departures.add(to: &definitions, made: prepared.graph)
        var all: [ServiceID] = []
        seam.act {
            all = $0.reform(
                definitions, graph: graph, startParallelism: prepared.rest.supervisor.startParallelism, now: $1,
                into: &$3)
        }
        let services = Array(all.prefix(new.count))
        var replaced: Set<InstanceID> = []
        for (place, (id, definition)) in zip(services, prepared.definitions).enumerated() {
            guard new[place].id != nil else {
                seam.enroll(id, definition, logQueue: addLogQueue(of: definition))
                continue
            }
            guard seam.roster.definition(of: id) !== definition else { continue }
            let change = prepared.changesInForce[place] ?? prepared.changes[place]
            let former = seam.roster.definition(of: id)
            seam.roster.define(id, definition)
            let queue =
                change?.touches("log.sink") == true
                ? seam.roster.exchangeLogQueue(of: id, addLogQueue(of: definition)) : nil
            for instance in seam.fleet.everyInstance(of: id) {
                let own = seam.roster[instance].definition
                guard own !== definition else { continue }
                let step =
                    own === former ? change : ServiceChange(from: own.configuration, to: definition.configuration)
                if step?.kind == .restarted { replaced.insert(instance) }
                // One that runs by an older definition still does so to its end, or until that is given up.
                guard
                    !seam.fleet[instance].isLive || new[place].isAtOnce && own === former
                        || prepared.givenUp[place]?.contains(where: { $0 === own }) == true
                else { continue }
                seam.roster.adopt(instance)
                if let step { adoptAtOnce(instance, step, former: own.configuration) }
            }
            if let queue { seam.plugins.letGo(queue) }
        }
        return (services, replaced)
    }

    /// `[supervisor]`, as far as it can be changed while the daemon runs.
    private func takeOver(_ supervisor: SupervisorConfiguration) {
        seam.settings.exitWhen = supervisor.exitWhen
        seam.drain.budget = supervisor.drain
        seam.control.access.takeOver(supervisor.access)
        seam.control.server.limit = supervisor.connections
        seam.plugins.catalogue.setHooks(supervisor.hooks)
    }

    /// What a change does to an instance whose definition was exchanged under it.
    private func adoptAtOnce(_ instance: InstanceID, _ change: ServiceChange, former: ServiceConfiguration) {
        if change.touches("ready") || change.touches("health") { seam.plugins.probes.beginAnew(instance) }
        if change.touches("ready") { seam.notices.readiness.awaitSignalsAnew(of: instance) }
        settings.note(instance, former: TreeSettings(former.conduct))
        if change.touches("log") {
            let name = seam.processes.startedName(of: instance)
            seam.logs.change(
                instance, name: name, configuration: seam.definition(of: instance).configuration.log(of: name),
                queue: seam.logQueue(of: instance))
        }
    }

    /// A queue for a service's lines, where a plugin's sink is to take them.
    private func addLogQueue(of definition: ServiceDefinition) -> SinkQueue? {
        let queue = definition.makeLogQueue()
        if let queue { seam.plugins.sinks.add(queue) }
        return queue
    }
}
