import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The services and instances that there are: what each is called, by which definition it goes, and what has become of it.
/// Who is to run is the fleet's affair.
final class Roster {
    /// One instance.
    final class Instance {
        let service: ServiceID
        fileprivate(set) var name: InstanceName { didSet { changes += 1 } }
        /// What it was begun by, or is to be.
        fileprivate(set) var definition: ServiceDefinition {
            didSet {
                changes += 1
                hasProbes = definition.probes != nil
            }
        }
        /// When it was started for the first time.
        var firstStart = FirstStart()
        /// What has become of it; nil where nothing has happened to it.
        fileprivate(set) var history: InstanceHistory?
        /// How often its name or its definition has changed.
        private(set) var changes: UInt64 = 0
        /// Whether it has probes.
        private(set) var hasProbes: Bool

        init(_ service: ServiceID, _ name: InstanceName, _ definition: ServiceDefinition) {
            self.service = service
            self.name = name
            self.definition = definition
            hasProbes = definition.probes != nil
        }
    }

    /// When an instance was begun for the first time, and when it was up for the first time.
    struct FirstStart {
        @OptionalInstant private(set) var begun: MonotonicInstant?
        @OptionalInstant private(set) var up: MonotonicInstant?

        mutating func note(_ change: StateChange) {
            if change.to == .starting, begun == nil { begun = change.at }
            if change.machine.isUp, begun != nil, up == nil { up = change.at }
        }
    }

    /// One service.
    private struct Service {
        /// What begins from now on begins by this.
        var definition: ServiceDefinition
        /// What takes its lines, where that is a plugin's sink.
        var logQueue: SinkQueue?
    }

    private var services = IdentityMap<ServiceID, Service>()
    private var instances = IdentityMap<InstanceID, Instance>()
    private var servicesByName = [String: ServiceID]()
    /// Those that have a number: one without is found by its service.
    private var instancesByName = [String: InstanceID]()
    /// How often a service that there was has got another definition.
    private(set) var redefinitions: UInt64 = 0

    /// How many instances there are, those that were scaled away included.
    var count: Int { instances.count }

    /// An instance that there is.
    subscript(instance: InstanceID) -> Instance { instances[existing: instance] }

    /// An instance; nil of one that was removed with its service.
    func find(_ instance: InstanceID) -> Instance? { instances[instance] }

    /// How often the row of an instance has changed, and whether it has probes: asked in every request, and so without its definition.
    func standing(of instance: InstanceID) -> (changes: UInt64, hasProbes: Bool) {
        let row = instances[existing: instance]
        return (row.changes, row.hasProbes)
    }

    /// What begins of a service from now on begins by this.
    func definition(of service: ServiceID) -> ServiceDefinition { services[existing: service].definition }

    /// What takes a service's lines, where that is a plugin's sink.
    func logQueue(of service: ServiceID) -> SinkQueue? { services[existing: service].logQueue }

    /// The service of a name.
    func service(named name: String) -> ServiceID? { servicesByName[name] }

    /// The instance of a name with a number.
    func instance(named name: String) -> InstanceID? { instancesByName[name] }

    // MARK: Changes

    /// There is this service, or it has another definition; what runs of it keeps its own.
    func define(_ service: ServiceID, _ definition: ServiceDefinition) {
        guard !services.contains(service) else {
            redefinitions += 1
            return services[existing: service].definition = definition
        }
        services[service] = Service(definition: definition)
        servicesByName[definition.configuration.name.rawValue] = service
    }

    /// Another queue takes a service's lines from now on; answers the one that did before.
    func exchangeLogQueue(of service: ServiceID, _ queue: SinkQueue?) -> SinkQueue? {
        defer { services[existing: service].logQueue = queue }
        return services[existing: service].logQueue
    }

    /// There is one instance more of a service that was defined.
    func add(_ instance: InstanceID, of service: ServiceID, _ name: InstanceName) {
        instances[instance] = Instance(service, name, definition(of: service))
        if name.index != nil { instancesByName[name.description] = instance }
    }

    /// An instance has a number from now on.
    func number(_ instance: InstanceID, _ index: Int) {
        let name = InstanceName(service: instances[existing: instance].name.service, index: index)
        instances[existing: instance].name = name
        instancesByName[name.description] = instance
    }

    /// What begins of an instance now begins by its service's definition.
    func adopt(_ instance: InstanceID) {
        let row = instances[existing: instance]
        row.definition = definition(of: row.service)
    }

    /// Something has happened to an instance. Nothing where there is none any more.
    func note(_ event: KeptEvent, of instance: InstanceID) {
        guard let row = instances[instance] else { return }
        let history = row.history ?? InstanceHistory()
        row.history = history
        history.append(event)
    }

    /// There is no such service any more, nor its instances.
    func remove(_ service: ServiceID, instances gone: some Sequence<InstanceID>) {
        guard let name = services[service]?.definition.configuration.name.rawValue else { return }
        services[service] = nil
        if servicesByName[name] == service { servicesByName[name] = nil }
        for instance in gone {
            guard let name = instances[instance]?.name.description else { continue }
            instances[instance] = nil
            if instancesByName[name] == instance { instancesByName[name] = nil }
        }
    }
}

/// A service as the configuration has it at one time. What runs keeps the one it was begun by.
final class ServiceDefinition: Sendable {
    let configuration: ServiceConfiguration
    private let shared: Shared

    fileprivate init(_ configuration: ServiceConfiguration, _ shared: Shared) {
        self.configuration = configuration
        self.shared = shared
    }

    /// The service's name.
    var name: ServiceName { configuration.name }

    /// How it is run, as `configuration` has it: who looks at one thing of it there gets a copy of it all.
    var conduct: ServiceConduct { _read { yield shared.conduct } }

    /// Of that what is looked at at every change.
    var probes: ServiceProbes? { shared.probes }
    var access: AccessRules? { shared.access }

    /// The same as its machines need it.
    var settings: ServiceSettings { shared.settings }

    /// What is to take its lines, where that is a plugin's sink.
    func makeLogQueue() -> SinkQueue? {
        conduct.log.planned.map { SinkQueue($0, of: configuration.name) }
    }

    /// What services that are run in one way have once.
    fileprivate final class Shared: Sendable {
        let conduct: ServiceConduct
        let settings: ServiceSettings
        let probes: ServiceProbes?
        let access: AccessRules?

        init(_ conduct: ServiceConduct) {
            self.conduct = conduct
            probes = conduct.probes
            access = conduct.access
            settings = ServiceSettings(conduct)
        }
    }
}

/// Makes the definitions of one configuration.
struct DefinitionMaker {
    private var shared = [ObjectIdentifier: ServiceDefinition.Shared]()

    mutating func definition(_ configuration: ServiceConfiguration) -> ServiceDefinition {
        let shared = shared[configuration.conductID] ?? ServiceDefinition.Shared(configuration.conduct)
        self.shared[configuration.conductID] = shared
        return ServiceDefinition(configuration, shared)
    }
}

extension Supervisor {
    /// Takes in a service that the fleet has, and its instances.
    func enroll(_ service: ServiceID, _ definition: ServiceDefinition, logQueue: SinkQueue?) {
        roster.define(service, definition)
        _ = roster.exchangeLogQueue(of: service, logQueue)
        let instances = fleet.instances(of: service)
        for (number, instance) in instances.enumerated() {
            roster.add(
                instance, of: service,
                InstanceName(
                    service: definition.configuration.name, index: instances.count > 1 ? number + 1 : nil))
            control.meet(instance)
        }
    }

    /// What an instance is called.
    func name(of instance: InstanceID) -> InstanceName { roster[instance].name }

    /// What an instance was begun by, or is to be.
    @inline(__always)
    func definition(of instance: InstanceID) -> ServiceDefinition { roster[instance].definition }

    /// What begins of a service from now on begins by this.
    @inline(__always)
    func definition(of service: ServiceID) -> ServiceDefinition { roster.definition(of: service) }
}
