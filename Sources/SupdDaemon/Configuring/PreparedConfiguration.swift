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
    /// What is not of it any more, and on its way out.
    var departing: [Service]

    /// A service, and how it stands.
    struct Service: Sendable {
        var id: ServiceID
        /// What begins of it begins by this.
        var definition: ServiceDefinition
        /// How many instances it has.
        var instances: Int
        /// What those that are up, or would be, go by, each once; empty where that is `definition`.
        var running: [ServiceDefinition]

        /// A service of these; all is as the definition says unless it is said otherwise.
        init(id: ServiceID, definition: ServiceDefinition, instances: Int? = nil, running: [ServiceDefinition] = []) {
            self.id = id
            self.definition = definition
            self.instances = instances ?? definition.configuration.instances
            self.running = running
        }

        /// Whether all is as the definition says.
        var isAsDefined: Bool { running.isEmpty && instances == definition.configuration.instances }

        /// Nil where all is as the definition says.
        var standing: ServiceStanding? {
            guard !isAsDefined else { return nil }
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
    /// Those of them that are new, or other ones than before.
    let steps: [Step]
    /// How the fleet comes to have them.
    let form: Form
    /// The services that there are not any more.
    let removed: Set<ServiceName>
    /// The places of those of `definitions` that are restarted with another one, as they require that or are part of it.
    let along: [Int]
    /// Who may do anything at all, be it with one service.
    let accessToAnything: AccessRules
    /// What each of those who ask is answered.
    let replies: [EncodedPlan]
    /// Nothing is different, nor in another order.
    let changesNothing: Bool
    /// The plugins whose options change, with what they bring by the new ones.
    let revival: PluginRevival

    /// A definition that is new, or another one than before.
    struct Step: Sendable {
        /// Where it is in `definitions`.
        let place: Int
        let definition: ServiceDefinition
        /// What was in force; nil for a service that there is not yet.
        let former: ServiceDefinition?
        /// What the plan says of it; nil where nothing becomes of what runs.
        let planned: DefinitionChange?
        /// What it changes of `former`; nil for nothing.
        let change: DefinitionChange?
        /// What it changes of other definitions that something runs by, and whether that gives them up where it is.
        let older: [(definition: ServiceDefinition, change: DefinitionChange?, isGivenUp: Bool)]
        /// The same as the fleet is to have it.
        let member: Fleet.Definition
        /// Whether the fleet keeps its graph by it.
        let keepsForm: Bool

        fileprivate init(
            _ place: Int, _ old: ConfigurationInForce.Service?, _ definition: ServiceDefinition,
            _ planned: ServiceChange?
        ) {
            self.place = place
            self.definition = definition
            self.planned = DefinitionChange(planned)
            former = old?.definition
            let isOfAnother = old?.running.isEmpty == false
            change = isOfAnother ? former.flatMap { DefinitionChange(from: $0, to: definition) } : self.planned
            older = (old?.running ?? []).filter { [former] in $0 !== definition && $0 !== former }.map {
                let change = DefinitionChange(from: $0, to: definition)
                return ($0, change, change?.kind != .restarted)
            }
            let relations = ServiceRelations(definition.configuration)
            member = Fleet.Definition(
                id: old?.id, member: Fleet.Member(definition, relations), isAtOnce: change?.isAtOnce == true,
                givenUp: older.filter(\.isGivenUp).map(\.definition.settings))
            keepsForm =
                former.map {
                    relations == ServiceRelations($0.configuration) && definition.conduct.type == $0.conduct.type
                } ?? false
        }
    }

    /// How the fleet comes to have other definitions.
    enum Form: Sendable {
        /// It has the same services, in their order and with their relations; only these of them go by others.
        case kept([Fleet.Definition])
        /// It is to have these, with their graph; those of `definitions`, and behind them what is on its way out.
        case another([Fleet.Definition], DependencyGraph)
    }

    /// What `new`, read from `path`, comes to, where `old` is in force, for each of `readers`: nil is somebody who may see everything. Takes
    /// time in proportion to both.
    init(
        _ new: Configuration, from path: String, beside old: ConfigurationInForce, plugins registrar: PluginRegistrar,
        for readers: [PlanReader?]
    ) throws(ConfigurationRefusal) {
        let standings = old.services.compactMap { service in
            service.standing.map { (service.definition.name, $0) }
        }
        plan = ConfigurationPlan(
            from: old.configuration, to: new, started: old.started,
            standings: Dictionary(standings) { first, _ in first })
        let changes = Dictionary(uniqueKeysWithValues: plan.services.map { ($0.name, $0) })
        let former = Dictionary(
            old.services.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
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
        var steps: [Step] = []
        var older: [String] = []
        // The fleet keeps its form where only what services are told is another.
        var keepsForm = definitions.count == old.services.count
        for (place, definition) in definitions.enumerated() {
            let former = former[definition.name]
            keepsForm = keepsForm && former?.id == old.services[place].id
            guard former?.definition !== definition else {
                if former?.running.isEmpty == false { older.append(definition.name.rawValue) }
                continue
            }
            let step = Step(place, former, definition, changes[definition.name])
            keepsForm = keepsForm && step.keepsForm
            steps.append(step)
        }
        self.steps = steps
        changesNothing = keepsForm && steps.isEmpty && plan.supervisor.isEmpty && plan.plugins.isEmpty
        let relations = definitions.map { ServiceRelations($0.configuration) }
        let graph: DependencyGraph
        do throws(DependencyError) {
            graph = try DependencyGraph(relations)
        } catch {
            throw .dependencies(error)
        }
        if keepsForm {
            form = .kept(steps.map(\.member))
        } else {
            var members = zip(definitions, relations).map { definition, relations in
                Fleet.Definition(
                    id: former[definition.name]?.id, member: Fleet.Member(definition, relations), isAtOnce: false)
            }
            for step in steps { members[step.place] = step.member }
            let staying = Set(definitions.map(\.name))
            // A name that comes back while it goes is waited for: the configuration is read once more then.
            let leaving = (old.services + old.departing).filter { !staying.contains($0.definition.name) }.map {
                Fleet.Definition(id: $0.id, member: Fleet.Member($0.definition), isAtOnce: false)
            }
            form = .another(members + leaving, try Self.graph(of: relations, graph, and: leaving))
        }
        let names = definitions.map(\.name)
        let along = Self.along(names, changes, graph)
        self.along = names.indices.filter { along[names[$0]] != nil }
        let reply = ConfigurationPlanReply(plan, along: along, names: names, older: older, path: path)
        let whole = EncodedPlan(reply)
        replies = readers.map { reader in
            guard let reader else { return whole }
            let told = reader.told(reply, from: old, to: new)
            return told == reply ? whole : EncodedPlan(told)
        }
        do throws(PluginRefusal) {
            revival = try PluginRevival(registrar, names: plan.plugins.map(\.name), options: new.plugins)
        } catch {
            throw .plugin(error)
        }
        rest = new.withoutServices
        accessToAnything = new.accessToAnything
        removed = Set(plan.services.filter { $0.kind == .removed }.map(\.name))
    }

    private static func graph(
        of staying: [ServiceRelations], _ made: DependencyGraph, and leaving: [Fleet.Definition]
    ) throws(ConfigurationRefusal) -> DependencyGraph {
        guard !leaving.isEmpty else { return made }
        do throws(DependencyError) {
            return try DependencyGraph(staying: staying, leaving: leaving.map(\.member.relations))
        } catch {
            throw .dependencies(error)
        }
    }

    private static func along(
        _ names: [ServiceName], _ changes: [ServiceName: ServiceChange], _ graph: DependencyGraph
    ) -> [ServiceName: ServiceName] {
        let restarted = names.indices.filter { changes[names[$0]]?.kind == .restarted }
        guard !restarted.isEmpty else { return [:] }
        let goingDown = graph.stopClosure(of: restarted)
        let isGoingDown = Set(goingDown)
        var along = [ServiceName: ServiceName]()
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
