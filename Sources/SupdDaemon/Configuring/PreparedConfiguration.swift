import SupdConfiguration
import SupdEngine
import SupdPlugin
import SupdProtocol

/// What the daemon goes by: the last configuration that was put into effect.
struct ConfigurationInForce: Sendable {
    /// All but the services.
    var rest: Configuration
    /// What the daemon was started with.
    var started: SupervisorConfiguration
    /// In the order of the files.
    var services: [Service]

    /// A service, and how it stands.
    struct Service: Sendable {
        var id: ServiceID
        /// What begins of it begins by this.
        var definition: ServiceDefinition
        /// How many instances it has.
        var instances: Int
        /// What those that are up, or would be, go by, each once; empty where that is `definition`.
        var running: [ServiceDefinition]

        /// Nil where all is as the definition says.
        var standing: ServiceStanding? {
            guard !running.isEmpty || instances != definition.configuration.instances else { return nil }
            return ServiceStanding(instances: instances, running: running.map(\.configuration))
        }
    }

    /// The same as a loader answers it.
    var configuration: Configuration {
        var configuration = rest
        configuration.services = services.map(\.definition.configuration)
        return configuration
    }
}

/// A configuration that was read anew, made ready beside the loop for the moment in which it is put into effect.
struct PreparedConfiguration: Sendable {
    /// What it changes of what is in force.
    let plan: ConfigurationPlan
    /// All but the services.
    let rest: Configuration
    /// In the order of the files. A service that says the same has the definition that it had.
    let definitions: [ServiceDefinition]
    /// The same as the fleet is to have them; those that there are not yet have no identity.
    let members: [Fleet.Definition]
    /// Who depends on whom, by the places of `definitions`.
    let graph: DependencyGraph
    /// What becomes of each of `definitions`; nil of one that stays as it is.
    let changes: [ServiceChange?]
    /// What each of `definitions` changes of the one in force, where that is not the same: something runs by another.
    let changesInForce: [Int: ServiceChange]
    /// The older definitions, by the place of their service in `definitions`, that what runs by them gives up where it is.
    let givenUp: [Int: [ServiceDefinition]]
    /// The services that there are not any more.
    let removed: Set<ServiceName>
    /// What is restarted with another service, as it requires that or is part of it, and with which.
    let along: [ServiceName: ServiceName]
    /// What who asks is answered.
    let reply: EncodedPlan
    /// Nothing is different, nor in another order.
    let changesNothing: Bool
    /// The plugins whose options change, with what they bring by the new ones.
    let revival: PluginRevival

    /// What `new`, read from `path`, comes to, where `old` is in force. Takes time in proportion to both.
    init(
        _ new: Configuration, from path: String, beside old: ConfigurationInForce, plugins registrar: PluginRegistrar
    ) throws(ConfigurationRefusal) {
        let standings = old.services.compactMap { service in
            service.standing.map { (service.definition.configuration.name, $0) }
        }
        plan = ConfigurationPlan(
            from: old.configuration, to: new, started: old.started,
            standings: Dictionary(standings) { first, _ in first })
        let changes = Dictionary(uniqueKeysWithValues: plan.services.map { ($0.name, $0) })
        let former = Dictionary(
            old.services.map { ($0.definition.configuration.name, $0) }, uniquingKeysWith: { first, _ in first })
        var maker = DefinitionMaker()
        let definitions = new.services.map { service in
            guard let former = former[service.name] else { return maker.definition(service) }
            if former.running.isEmpty {
                return changes[service.name] == nil ? former.definition : maker.definition(service)
            }
            // What runs by one that says the same runs by the one in force from now on.
            let known = [former.definition] + former.running
            return known.first { $0.configuration.text == service.text } ?? maker.definition(service)
        }
        self.definitions = definitions
        var changesInForce: [Int: ServiceChange] = [:]
        var givenUp: [Int: [ServiceDefinition]] = [:]
        var older: [String] = []
        for (place, definition) in definitions.enumerated() {
            guard let former = former[definition.configuration.name], !former.running.isEmpty else { continue }
            guard former.definition !== definition else {
                older.append(definition.configuration.name.rawValue)
                continue
            }
            func change(from other: ServiceDefinition) -> ServiceChange? {
                ServiceChange(from: other.configuration, to: definition.configuration)
            }
            changesInForce[place] = change(from: former.definition)
            givenUp[place] = former.running.filter {
                $0 !== definition && $0 !== former.definition && change(from: $0)?.kind != .restarted
            }
        }
        members = definitions.enumerated().map { place, definition in
            let former = former[definition.configuration.name]
            let isOfAnother = former?.running.isEmpty == false
            let change = isOfAnother ? changesInForce[place] : changes[definition.configuration.name]
            return Fleet.Definition(
                id: former?.id, member: Fleet.Member(definition),
                isAtOnce: change?.kind == .changed || change?.kind == .scaled,
                givenUp: (givenUp[place] ?? []).map(\.settings))
        }
        self.changesInForce = changesInForce
        self.givenUp = givenUp
        let isInPlace =
            definitions.count == old.services.count
            && zip(definitions, old.services).allSatisfy { $0 === $1.definition }
        changesNothing = isInPlace && plan.supervisor.isEmpty && plan.plugins.isEmpty
        do throws(DependencyError) {
            graph = try DependencyGraph(members.map(\.member.relations))
        } catch {
            throw .dependencies(error)
        }
        let names = definitions.map(\.configuration.name)
        along = Self.along(names, changes, graph)
        reply = EncodedPlan(ConfigurationPlanReply(plan, along: along, names: names, older: older, path: path))
        do throws(PluginRefusal) {
            revival = try PluginRevival(registrar, names: plan.plugins.map(\.name), options: new.plugins)
        } catch {
            throw .plugin(error)
        }
        rest = new.withoutServices
        self.changes = names.map { changes[$0] }
        removed = Set(plan.services.filter { $0.kind == .removed }.map(\.name))
    }

    private static func along(
        _ names: [ServiceName], _ changes: [ServiceName: ServiceChange], _ graph: DependencyGraph
    ) -> [ServiceName: ServiceName] {
        let restarted = names.indices.filter { changes[names[$0]]?.kind == .restarted }
        guard !restarted.isEmpty else { return [:] }
        let goingDown = graph.stopClosure(of: restarted)
        let isGoingDown = Set(goingDown)
        var along: [ServiceName: ServiceName] = [:]
        for place in goingDown.dropFirst(restarted.count) {
            guard let by = graph.stopsWith[place].first(where: isGoingDown.contains) else { continue }
            along[names[place]] = names[by]
        }
        return along
    }
}

extension Configuration {
    /// All but the services, which the roster has.
    var withoutServices: Configuration {
        var rest = self
        rest.services = []
        return rest
    }
}
