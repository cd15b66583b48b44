import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The sockets that the daemon holds for services: bound before the first start, kept over restarts, so that a service that
/// is killed loses no connection that waits.
struct ServiceSockets {
    /// Which socket of which service; of which instance, where each has its own (`reuse_port`).
    struct Key: Hashable {
        var service: ServiceID
        var place: Int
        var instance: InstanceID?
    }

    private var bound: [Key: BoundSocket] = [:]

    /// Those that are bound.
    var keys: [Key] { Array(bound.keys) }

    subscript(key: Key) -> BoundSocket? {
        get { bound[key] }
        set { bound[key] = newValue }
    }

    /// Takes out those of a service, or only those that belong to one instance of it.
    mutating func removeAll(of service: ServiceID, instance: InstanceID? = nil) -> [BoundSocket] {
        let keys = bound.keys.filter { $0.service == service && (instance == nil || $0.instance == instance) }
        return keys.compactMap { bound.removeValue(forKey: $0) }
    }
}

extension Supervisor {
    /// Binds the sockets of everything that is enabled: whoever connects from now on waits. What cannot be bound is told of by
    /// the start that needs it, which tries again.
    func bindEnabledSockets() {
        for service in fleet.services {
            let configuration = configuration(of: service)
            guard configuration.enabled, !configuration.sockets.isEmpty else { continue }
            for instance in fleet.instances(of: service) { _ = try? passedSockets(of: instance) }
        }
    }

    /// The sockets that an instance gets, bound where they are not yet.
    func passedSockets(of instance: InstanceID) throws(SpawnFailure) -> [PassedSocket] {
        let service = fleet.service(of: instance)
        var passed: [PassedSocket] = []
        for (place, socket) in configuration(of: service).sockets.enumerated() {
            let key = ServiceSockets.Key(
                service: service, place: place, instance: socket.reusesPort ? instance : nil)
            if let bound = sockets[key] {
                passed.append(PassedSocket(name: socket.name, socket: bound))
                continue
            }
            switch host.bind(socket) {
            case .success(let bound):
                sockets[key] = bound
                passed.append(PassedSocket(name: socket.name, socket: bound))
                log.debug("\(configuration(of: service).name): socket '\(socket.name)' is bound to \(socket.address)")
            case .failure(let error):
                // One that has no name of its own has its service's, which is said before.
                let name = socket.name == configuration(of: service).name.rawValue ? "" : "'\(socket.name)', "
                throw SpawnFailure(stage: .socket, error: error, subject: "\(name)\(socket.address)")
            }
        }
        return passed
    }

    /// Closes the sockets of an instance's own once it is not wanted up any more, or cannot be; and those that a service's instances
    /// share once that holds for all of them: who connects is refused instead of left to wait.
    func closeUnusedSockets(of instance: InstanceID) {
        let service = fleet.service(of: instance)
        guard !configuration(of: service).sockets.isEmpty, isDown(instance) else { return }
        // The kernel shares connections out to all that listen at a port, also where nobody is left to accept.
        for socket in sockets.removeAll(of: service, instance: instance) { host.unbind(socket) }
        guard fleet.instances(of: service).allSatisfy(isDown) else { return }
        for socket in sockets.removeAll(of: service) { host.unbind(socket) }
    }

    private func isDown(_ instance: InstanceID) -> Bool {
        switch fleet[instance].phase {
        case .stopped, .exited, .fatal: true
        case .waiting, .starting, .running, .backoff, .stopping: false
        }
    }
}
