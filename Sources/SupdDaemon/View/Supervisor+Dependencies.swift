import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// `service.dependencies`: services with what they need and what needs them, followed beside the loop.
extension Supervisor {
    func relate(_ params: DependencyParams, _ request: Request, _ slot: Int) {
        control.select(request, slot, params.selectors, emptyMeansAll: true) { [unowned self] _, instances in
            guard let ticket = control.server.ticket(request, slot) else { return }
            let viewer = control.server.viewer(slot)
            let all = fleet.services.map { roster.definition(of: $0) }
            let asked = Set(instances.map { roster[$0].service })
            let names = asked.map { definition(of: $0).name.rawValue }
            host.runAside {
                RelationGraph(all.map(\.configuration)).around(names, params.direction)
            } then: { [weak self] related in
                guard let self, control.server.release(ticket) else { return }
                let list = ListReply(ticket.id, "services", count: related.count) { [unowned self] place, writer in
                    var service = related[place]
                    guard let id = roster.service(named: service.name) else { return }
                    let instances = fleet.instances(of: id)
                    if let viewer {
                        guard viewer.sees(named: service.name) else { return }
                        service.needs.removeAll { !viewer.sees(named: $0.service) }
                        service.neededBy.removeAll { !viewer.sees(named: $0.service) }
                    }
                    service.states = StateCounts(of: instances.map { .known(fleet[$0].state) })
                    service.failed = instances.count { fleet[$0].state == .exited && !fleet[$0].endedWithSuccess }
                    service.encode(into: &writer)
                }
                control.server.reply(to: ticket.slot, list)
            }
        }
    }

    /// `service.timing`: when instances were started and up for the first time.
    func time(_ selection: ServiceSelection, _ request: Request, _ slot: Int) {
        guard let id = request.id else { return }
        control.select(request, slot, selection.selectors, emptyMeansAll: true) { [unowned self] _, instances in
            let (started, startedAt) = (startedWall, startedAt)
            let ready = readyAt?.duration(since: startedAt)
            let list = ListReply(id, "services", count: instances.count) {
                ServiceTimings.encodeHead(started: started, ready: ready, into: &$0)
            } element: { [unowned self] place, writer in
                guard let row = roster.find(instances[place]) else { return }
                ServiceTiming(
                    name: row.name.description, service: row.name.service.rawValue,
                    begun: row.firstStart.begun?.duration(since: startedAt),
                    up: row.firstStart.up?.duration(since: startedAt)
                ).encode(into: &writer)
            }
            control.server.reply(to: slot, list)
        }
    }
}

/// Who needs whom, by the keys that say so.
struct RelationGraph {
    private var services = [String: RelatedService]()
    /// In the order of the configuration.
    private let order: [String]

    init(_ configurations: [ServiceConfiguration]) {
        order = configurations.map(\.name.rawValue)
        for name in order { services[name] = RelatedService(name: name, states: [:]) }
        for configuration in configurations {
            let name = configuration.name.rawValue
            let lists: [(ServiceRelation.Kind, [ServiceName])] = [
                (.requires, configuration.requires), (.bindsTo, configuration.bindsTo),
                (.wants, configuration.wants), (.partOf, configuration.partOf),
            ]
            for (kind, targets) in lists { for target in targets { add(name, kind, target.rawValue) } }
        }
        for configuration in configurations {
            let name = configuration.name.rawValue
            for target in configuration.after { add(name, .after, target.rawValue) }
            for target in configuration.before { add(target.rawValue, .after, name) }
        }
    }

    /// What is required or wanted comes first anyway: that is not said twice.
    private mutating func add(_ name: String, _ kind: ServiceRelation.Kind, _ target: String) {
        if kind == .after,
            services[name]?.needs.contains(where: { $0.service == target && $0.kind.known != .partOf }) == true
        {
            return
        }
        services[name]?.needs.append(ServiceRelation(kind, target))
        services[target]?.neededBy.append(ServiceRelation(kind, name))
    }

    /// `names`, all that these need and all that needs them, or what is in one direction alone, in the order of the configuration.
    func around(_ names: [String], _ direction: DependencyParams.Direction? = nil) -> [RelatedService] {
        var found: Set<String> = []
        if direction != .neededBy { found.formUnion(reached(from: names, \.needs)) }
        if direction != .needs { found.formUnion(reached(from: names, \.neededBy)) }
        let asked = Set(names)
        return order.filter(found.contains).compactMap { name in
            var service = services[name]
            service?.isAsked = asked.contains(name)
            return service
        }
    }

    private func reached(from names: [String], _ relations: KeyPath<RelatedService, [ServiceRelation]>) -> Set<String> {
        var found = Set(names)
        var waiting = names
        while let name = waiting.popLast() {
            for relation in services[name]?[keyPath: relations] ?? [] where found.insert(relation.service).inserted {
                waiting.append(relation.service)
            }
        }
        return found
    }
}
