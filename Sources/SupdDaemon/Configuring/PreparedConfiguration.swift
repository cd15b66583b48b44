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
    var services: [(id: ServiceID, definition: ServiceDefinition)]

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
        plan = ConfigurationPlan(from: old.configuration, to: new, started: old.started)
        let changes = Dictionary(uniqueKeysWithValues: plan.services.map { ($0.name, $0) })
        let former = Dictionary(
            old.services.map { ($0.definition.configuration.name, $0) }, uniquingKeysWith: { first, _ in first })
        var maker = DefinitionMaker()
        let definitions = new.services.map { service in
            if changes[service.name] == nil, let former = former[service.name] { return former.definition }
            return maker.definition(service)
        }
        self.definitions = definitions
        members = definitions.map { definition in
            let kind = changes[definition.configuration.name]?.kind
            return Fleet.Definition(
                id: former[definition.configuration.name]?.id, member: Fleet.Member(definition),
                isAtOnce: kind == .changed || kind == .scaled)
        }
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
        reply = EncodedPlan(ConfigurationPlanReply(plan, along: along, names: names, path: path))
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
