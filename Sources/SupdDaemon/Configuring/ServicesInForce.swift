import SupdEngine
import SupdPlugin

/// The services in force, in the order of the files. Ten thousand cost nothing to ask for: only those that something was done to are
/// looked at.
final class ServicesInForce {
    private unowned let seam: any ConfigurationSeam
    /// Each as its definition says.
    private lazy var defined = seam.fleet.services.map {
        ConfigurationInForce.Service(id: $0, definition: seam.roster.definition(of: $0))
    }
    /// Those that may be otherwise, also where they are on their way out.
    private var noted: Set<ServiceID> = []

    /// All that the fleet has, as their definitions say.
    init(_ seam: any ConfigurationSeam) { self.seam = seam }

    /// The services as they are now.
    var now: [ConfigurationInForce.Service] {
        var services = defined
        for (place, service) in differing { services[place] = service }
        return services
    }

    /// Those that are not all as their definitions say, in the order of the files.
    var differing: [(place: Int, service: ConfigurationInForce.Service)] {
        var differing: [(place: Int, service: ConfigurationInForce.Service)] = []
        for id in noted {
            guard seam.fleet.contains(id) else {
                noted.remove(id)
                continue
            }
            let place = seam.fleet.place(of: id)
            guard place < defined.count, defined[place].id == id else { continue }
            let runsOlder = seam.fleet.instances(of: id).contains(where: seam.runsOlderDefinition)
            let service = standing(of: id, runsOlder: runsOlder)
            if !service.isAsDefined {
                differing.append((place, service))
            } else if !runsOlder {
                noted.remove(id)
            }
        }
        return differing.sorted { $0.place < $1.place }
    }

    /// What is on its way out, and goes by what was in force.
    func departing(_ services: [ServiceID]) -> [ConfigurationInForce.Service] {
        services.map { ConfigurationInForce.Service(id: $0, definition: seam.roster.definition(of: $0)) }
    }

    /// Which service is at a place.
    func id(at place: Int) -> ServiceID { defined[place].id }

    // MARK: Changes

    /// A service was scaled, or runs by an older definition than its own.
    func note(_ service: ServiceID) { noted.insert(service) }

    /// Services go by other definitions.
    func redefine(_ steps: [PreparedConfiguration.Step]) {
        // What is lazy is copied whole by each change of it.
        var services = defined
        for step in steps {
            let id = services[step.place].id
            services[step.place] = ConfigurationInForce.Service(id: id, definition: step.definition)
        }
        defined = services
    }

    /// These are in force, with these definitions.
    func replace(by services: some Sequence<ServiceID>, _ definitions: [ServiceDefinition]) {
        defined = zip(services, definitions).map { ConfigurationInForce.Service(id: $0, definition: $1) }
    }

    /// How many instances a service has, without those that were scaled away.
    func count(of service: ServiceID) -> Int {
        seam.fleet.instances(of: service).count { !seam.fleet.isDeparting($0) }
    }

    /// Whether an instance is begun once more where its program is another one: it runs, or it would if it had not failed. One that has
    /// done its work, and one that an order has stopped, is left as it is; one that waits begins by the new definition anyway.
    func isStartedAnew(_ instance: InstanceID) -> Bool {
        guard seam.fleet[instance].desired == .up else { return false }
        return seam.fleet[instance].isLive || seam.fleet[instance].state == .backoff
            || seam.fleet.hasFailedForGood(instance)
    }

    private func standing(of id: ServiceID, runsOlder: Bool) -> ConfigurationInForce.Service {
        let definition = seam.roster.definition(of: id)
        var running: [ServiceDefinition] = []
        if runsOlder {
            for instance in seam.fleet.instances(of: id)
            where !seam.fleet.isDeparting(instance) && isStartedAnew(instance) {
                // What is on its way down begins by what is in force.
                let own =
                    seam.fleet[instance].state == .stopping ? definition : seam.roster[instance].definition
                if !running.contains(where: { $0 === own }) { running.append(own) }
            }
            if running.allSatisfy({ $0 === definition }) { running = [] }
        }
        return ConfigurationInForce.Service(
            id: id, definition: definition, instances: count(of: id), running: running)
    }
}
