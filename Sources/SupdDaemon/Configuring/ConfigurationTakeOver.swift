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
        var attempts = [InstanceID: UInt64]()
        /// The services that run on by their older definitions, by name.
        var deferred: [String] = []
    }

    private unowned let seam: any ConfigurationSeam
    private let services: ServicesInForce
    private let departures: Departures
    private let settings: PendingSettings

    /// What is in force then is told to `services`, what goes to `departures`, and what is to go by other settings than it was begun by to
    /// `settings`.
    init(
        _ seam: any ConfigurationSeam, _ services: ServicesInForce, _ departures: Departures,
        _ settings: PendingSettings
    ) {
        self.seam = seam
        self.services = services
        self.departures = departures
        self.settings = settings
    }

    /// Has the daemon go by `prepared`. With `deferred` what would have to be restarted is left running. The last event, which tells of
    /// that, is part of the history of those that are started, restarted or stopped by it.
    func carryOut(_ prepared: PreparedConfiguration, deferred: Bool, cause: Cause) -> Touched {
        // Not even looked at: ten thousand services cost nothing.
        guard !prepared.changesNothing else { return Touched() }
        let event = seam.events[seam.events.last].kept
        let removed = departures.begin(prepared.removed)
        let replaced = reform(prepared)
        takeOver(prepared)
        if !prepared.revival.names.isEmpty { seam.plugins.exchange(prepared.revival) }
        var touched = Touched()
        touched.instances = removed.flatMap { Array(seam.fleet.instances(of: $0)) }
        var added: [InstanceID] = []
        var restarted: [InstanceID] = []
        var restartedAlong: [InstanceID] = []
        var new: [ServiceID] = []
        var changed: [ServiceID] = []
        for step in prepared.steps {
            guard let change = step.planned else { continue }
            let id = services.id(at: step.place)
            if change.kind == .added { new.append(id) }
            if change.kind == .added || change.keys.contains(.sockets) { changed.append(id) }
            switch change.kind {
            case .added: added += step.definition.conduct.enabled ? Array(seam.fleet.instances(of: id)) : []
            case .restarted where deferred: touched.deferred.append(step.definition.name.rawValue)
            case .restarted:
                restarted += seam.fleet.instances(of: id).filter {
                    replaced.contains($0) && services.isStartedAnew($0)
                }
            case .changed, .scaled, .removed, .unchanged: break
            }
            if change.keys.contains(.enabled), step.definition.conduct.enabled {
                added += seam.fleet.instances(of: id).filter {
                    !seam.fleet[$0].wasLaunched && seam.fleet[$0].cause == .none
                }
            }
        }
        seam.launcher.sockets.passOn(from: departures.all, and: changed)
        for service in new { seam.launcher.sockets.bind(of: service) }
        if !deferred {
            for place in prepared.along {
                restartedAlong += seam.fleet.instances(of: services.id(at: place)).filter {
                    isWantedUp($0) && seam.fleet[$0].isLive
                }
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
        for step in prepared.steps {
            guard let change = step.planned, change.kind != .added, change.keys.contains(.instances) else { continue }
            let id = services.id(at: step.place)
            guard services.count(of: id) != change.instances else { continue }
            // What nobody wants up is not started by a number, nor waited for but where it goes.
            let isWanted = seam.fleet.instances(of: id).contains(where: isWantedUp)
            touched.instances += seam.scale(id, to: change.instances, starts: isWanted, cause: cause)
                .filter { isWanted || seam.fleet.isDeparting($0) }
        }
        if !restarted.isEmpty { seam.control.carryOut(.restart, restarted, cause: cause) }
        if !added.isEmpty { seam.control.carryOut(.start, added, cause: cause) }
        touched.instances += restarted + restartedAlong + added
        // As whoever has moved one asks for, too.
        _ = seam.logs.reopenAll()
        seam.noteChange()
        return touched
    }

    private func isWantedUp(_ instance: InstanceID) -> Bool { seam.fleet[instance].desired == .up }

    /// The fleet and the roster get the services of `prepared`, and keep those that are on their way out. Answers the instances whose
    /// program is another one by it.
    private func reform(_ prepared: PreparedConfiguration) -> Set<InstanceID> {
        let parallelism = prepared.rest.supervisor.startParallelism
        switch prepared.form {
        case .kept(let changed):
            seam.act { $0.redefine(changed, startParallelism: parallelism, now: $1, into: &$3) }
            services.redefine(prepared.steps)
        case .another(var definitions, var graph):
            // Of what was on its way out some may have gone since.
            let gone = definitions.indices.dropFirst(prepared.definitions.count).filter {
                definitions[$0].id.map(seam.fleet.contains) == false
            }
            graph.remove(Set(gone))
            for place in gone.reversed() { definitions.remove(at: place) }
            var all: [ServiceID] = []
            seam.act {
                all = $0.reform(definitions, graph: graph, startParallelism: parallelism, now: $1, into: &$3)
            }
            services.replace(by: all, prepared.definitions)
        }
        var replaced: Set<InstanceID> = []
        for step in prepared.steps { define(step, &replaced) }
        return replaced
    }

    /// What begins of a service from now on begins by the definition of `step`; what there is of it adopts that where it may.
    private func define(_ step: PreparedConfiguration.Step, _ replaced: inout Set<InstanceID>) {
        let id = services.id(at: step.place)
        guard let former = step.former else {
            return seam.enroll(id, step.definition, logQueue: addLogQueue(of: step.definition))
        }
        seam.roster.define(id, step.definition)
        let queue =
            step.change?.keys.contains(.logSink) == true
            ? seam.roster.exchangeLogQueue(of: id, addLogQueue(of: step.definition)) : nil
        for instance in seam.fleet.everyInstance(of: id) {
            let own = seam.roster[instance].definition
            guard own !== step.definition else { continue }
            let older = step.older.first { $0.definition === own }
            let change =
                if own === former { step.change } else if let older { older.change } else {
                    DefinitionChange(from: own, to: step.definition)
                }
            if change?.kind == .restarted { replaced.insert(instance) }
            // One that runs by an older definition still does so to its end, or until that is given up.
            guard
                !seam.fleet[instance].isLive || step.member.isAtOnce && own === former || older?.isGivenUp == true
            else {
                services.note(id)
                continue
            }
            seam.roster.adopt(instance)
            if let change { adoptAtOnce(instance, change, former: own) }
        }
        if let queue { seam.plugins.letGo(queue) }
    }

    /// `[supervisor]`, as far as it can be changed while the daemon runs.
    private func takeOver(_ prepared: PreparedConfiguration) {
        let supervisor = prepared.rest.supervisor
        seam.settings.exitWhen = supervisor.exitWhen
        seam.drain.budget = supervisor.drain
        var toAnything = prepared.accessToAnything
        for service in departures.all {
            if let own = seam.roster.definition(of: service).access { toAnything.formUnion(own) }
        }
        seam.control.takeOver(supervisor.access, toAnything: toAnything)
        seam.control.server.limit = supervisor.connections
        seam.plugins.catalogue.setHooks(supervisor.hooks)
    }

    /// What a change does to an instance whose definition was exchanged under it.
    private func adoptAtOnce(_ instance: InstanceID, _ change: DefinitionChange, former: ServiceDefinition) {
        if change.keys.contains(.ready) || change.keys.contains(.health) { seam.plugins.probes.beginAnew(instance) }
        if change.keys.contains(.ready) { seam.notices.readiness.awaitSignalsAnew(of: instance) }
        if change.keys.contains(.tree) { settings.note(instance, former: TreeSettings(former.conduct)) }
        if change.keys.contains(.log) {
            let name = seam.processes.startedName(of: instance)
            seam.logs.change(
                instance, name: name, configuration: seam.definition(of: instance).log(of: name),
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
