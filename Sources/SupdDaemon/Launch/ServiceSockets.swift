import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The sockets that the daemon holds for services: bound before the first start, kept over restarts, so that a service that
/// is killed loses no connection that waits.
struct ServiceSockets {
    /// Which socket of which service; of which instance, where each has its own (`reuse_port`). By what it is, not by its place or its
    /// name: a service that changes keeps what stays the same, with all that waits there.
    struct Key: Hashable {
        let service: ServiceID
        let socket: ListenSocket
        let instance: InstanceID?

        init(_ service: ServiceID, _ socket: ListenSocket, of instance: InstanceID) {
            self.service = service
            var unnamed = socket
            unnamed.name = ""
            self.socket = unnamed
            self.instance = socket.reusesPort ? instance : nil
        }
    }

    private var bound: [ServiceID: [Key: BoundSocket]] = [:]

    subscript(key: Key) -> BoundSocket? {
        get { bound[key.service]?[key] }
        set { bound[key.service, default: [:]][key] = newValue }
    }

    func has(_ service: ServiceID) -> Bool { bound[service] != nil }

    /// Takes out those of a service, or only those that belong to one instance of it.
    mutating func removeAll(of service: ServiceID, instance: InstanceID? = nil) -> [BoundSocket] {
        remove(of: service) { instance == nil || $0.instance == instance }
    }

    /// Takes out those of a service that are none of these any more.
    mutating func removeOthers(of service: ServiceID, than sockets: [ListenSocket]) -> [BoundSocket] {
        let kept = Set(sockets.map { Key(service, $0, of: InstanceID(number: 0)).socket })
        return remove(of: service) { !kept.contains($0.socket) }
    }

    private mutating func remove(of service: ServiceID, where isMeant: (Key) -> Bool) -> [BoundSocket] {
        guard var sockets = bound[service] else { return [] }
        let removed = sockets.keys.filter(isMeant).compactMap { sockets.removeValue(forKey: $0) }
        bound[service] = sockets.isEmpty ? nil : sockets
        return removed
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
        let listed = configuration(of: service).sockets
        // Whoever runs by an older definition has its own copy of what that had.
        if sockets.has(service) {
            for socket in sockets.removeOthers(of: service, than: listed) { host.unbind(socket) }
        }
        var passed: [PassedSocket] = []
        for socket in listed {
            let key = ServiceSockets.Key(service, socket, of: instance)
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
        guard sockets.has(service), isDown(instance) else { return }
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
