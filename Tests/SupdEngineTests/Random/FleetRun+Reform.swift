import EngineChecks
import SupdEngine
import SupdPlugin
import TestChance

/// Services that change, come and go while the others run.
extension FleetRun {
    /// Another configuration: relations are all drawn anew, some services have other settings, one goes and one comes perhaps. Those that
    /// have gone since are removed.
    mutating func reform() {
        let all = Array(fleet.services)
        let gone = departing.filter(fleet.isGone).sorted()
        var staying = all.filter { !departing.contains($0) }
        departing.subtract(gone)
        for instance in gone.flatMap(fleet.everyInstance) {
            if let attempt = watch.live(instance) {
                faults.append("instance \(instance) is gone, and attempt \(attempt) lives")
            }
        }
        var leaving: [ServiceID] = []
        if staying.count > 1, random.chance(40) { leaving.append(staying.remove(at: random.below(staying.count))) }
        let old = (leaving + departing.sorted()).compactMap { relations[$0] }
        var names = staying.compactMap { relations[$0]?.name }
        if names.count < 6, random.chance(50) {
            added += 1
            names.append(.named("n\(added)"))
        }
        let new = RandomGraph.relations(among: names, &random)
        var definitions: [Fleet.Definition] = []
        for (place, relation) in new.enumerated() {
            let id = place < staying.count ? staying[place] : nil
            definitions.append(definition(relation, id))
        }
        for (id, relation) in zip(leaving + departing.sorted(), old) {
            guard let settings = settings[id] else { continue }
            definitions.append(
                Fleet.Definition(
                    id: id, member: Fleet.Member(relations: relation, settings: settings), isAtOnce: false))
        }
        guard let graph = try? DependencyGraph(staying: new, leaving: old) else {
            return faults.append("\(new) with \(old) makes no graph")
        }
        let (parallelism, draw) = (1 + random.below(4), random.unit())
        let change = definitions
        act("reform to \(names), without \(leaving), \(gone) gone") { fleet, now, actions in
            fleet.remove(gone)
            _ = fleet.reform(change, graph: graph, startParallelism: parallelism, now: now, into: &actions)
            fleet.depart(leaving, cause: .configuration, now: now, random: { draw }, into: &actions)
        }
        departing.formUnion(leaving)
        watch.grow(fleet)
        let known = zip(fleet.services, new + old)
        relations = Dictionary(uniqueKeysWithValues: known.map { ($0, $1) })
        settings = Dictionary(uniqueKeysWithValues: zip(fleet.services, change.map(\.member.settings)).map { ($0, $1) })
        checkReformed(gone)
    }

    private mutating func definition(_ relation: ServiceRelations, _ id: ServiceID?) -> Fleet.Definition {
        guard let id, let settings = settings[id] else {
            let member = Fleet.Member(
                relations: relation, settings: random.pick(RandomSettings.all), instances: 1 + random.below(2))
            return Fleet.Definition(id: nil, member: member, isAtOnce: false)
        }
        guard random.chance(50) else {
            return Fleet.Definition(
                id: id, member: Fleet.Member(relations: relation, settings: settings), isAtOnce: true)
        }
        // A service that runs keeps its type.
        let isAtOnce = random.chance(50)
        let others = RandomSettings.all.filter { !isAtOnce || $0.type == settings.type }
        let member = Fleet.Member(relations: relation, settings: others.isEmpty ? settings : random.pick(others))
        return Fleet.Definition(id: id, member: member, isAtOnce: isAtOnce)
    }

    private mutating func checkReformed(_ gone: [ServiceID]) {
        for service in gone where fleet.contains(service) {
            faults.append("service \(service) is gone and still there")
        }
        for service in fleet.services where relations[service] == nil {
            faults.append("service \(service) is not known")
        }
        let shown = fleet.services.flatMap { Array(fleet.instances(of: $0)) }.count
        if shown != fleet.listedCount { faults.append("\(fleet.listedCount) are listed, and \(shown) there") }
    }
}
