import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// The sockets that the daemon holds for services: bound before the first start, kept over restarts, so that a service that
/// is killed loses no connection that waits.
struct ServiceSockets {
    /// What a socket was bound by, but for its name, which is another one's to change.
    struct Binding: Hashable {
        private let socket: ListenSocket

        init(_ socket: ListenSocket) {
            var nameless = socket
            nameless.name = ""
            self.socket = nameless
        }
    }

    private struct Held {
        var binding: Binding
        /// Whose it is, where each instance has its own (`reuse_port`).
        var instance: InstanceID?
        var bound: BoundSocket
    }

    private var held: [ServiceID: [Held]] = [:]
    /// Sockets that the service manager has made, and holds too. They are kept for good: who bound one anew would find its address in use.
    private var handedOver: [Binding: BoundSocket] = [:]
    /// Those of them that no service has now.
    private var unused: Set<Binding> = []

    /// Whose those are that are bound.
    var owners: [(service: ServiceID, instance: InstanceID?)] {
        held.flatMap { service, sockets in sockets.map { (service, $0.instance) } }
    }

    /// Whether a service has any.
    func isEmpty(of service: ServiceID) -> Bool { held[service] == nil }

    /// What is bound for a service, or for one instance of it.
    subscript(service: ServiceID, binding: Binding, instance: InstanceID?) -> BoundSocket? {
        held[service]?.first { $0.binding == binding && $0.instance == instance }?.bound
    }

    /// Holds one more for a service, or for one instance of it.
    mutating func add(_ bound: BoundSocket, _ binding: Binding, of service: ServiceID, instance: InstanceID?) {
        held[service, default: []].append(Held(binding: binding, instance: instance, bound: bound))
    }

    /// Keeps one of the service manager's, for whoever wants what `binding` says.
    mutating func keep(_ socket: BoundSocket, for binding: Binding) {
        handedOver[binding] = socket
        unused.insert(binding)
    }

    /// The service manager's socket for this; nil where there is none, or somebody has it.
    mutating func takeKept(_ binding: Binding) -> BoundSocket? {
        unused.remove(binding).flatMap { handedOver[$0] }
    }

    /// A socket was taken out: true where it is the service manager's, and waits for whoever wants it next.
    mutating func putBack(_ socket: BoundSocket) -> Bool {
        guard let kept = handedOver.first(where: { $0.value == socket }) else { return false }
        unused.insert(kept.key)
        return true
    }

    /// Takes out those of a service, or only those that belong to one instance of it.
    mutating func removeAll(of service: ServiceID, instance: InstanceID? = nil) -> [BoundSocket] {
        remove(of: service) { instance == nil || $0.instance == instance }.map(\.bound)
    }

    /// Takes out those of a service that were bound by something else than it wants.
    mutating func removeAll(of service: ServiceID, except wanted: [ListenSocket]) -> [BoundSocket] {
        guard let own = held[service] else { return [] }
        let bindings = wanted.map(Binding.init)
        guard !own.allSatisfy({ bindings.contains($0.binding) }) else { return [] }
        return remove(of: service) { !bindings.contains($0.binding) }.map(\.bound)
    }

    /// Those that all instances of a service share and that it does not want, by what they were bound by.
    func shared(of service: ServiceID, except wanted: [ListenSocket]) -> [Binding] {
        let bindings = wanted.map(Binding.init)
        return (held[service] ?? []).filter { $0.instance == nil && !bindings.contains($0.binding) }.map(\.binding)
    }

    /// Has another service have a socket that all instances of a service share.
    mutating func move(_ binding: Binding, from service: ServiceID, to other: ServiceID) {
        for socket in remove(of: service, { $0.binding == binding && $0.instance == nil }) {
            held[other, default: []].append(socket)
        }
    }

    private mutating func remove(of service: ServiceID, _ fits: (Held) -> Bool) -> [Held] {
        guard let own = held[service] else { return [] }
        let kept = own.filter { !fits($0) }
        held[service] = kept.isEmpty ? nil : kept
        return own.filter(fits)
    }
}

extension Supervisor {
    /// Sockets that the service manager has made are for the services that ask for them by their names. Of several of one name, that one is
    /// somebody's whose address he asks for. What nobody asks for is closed: whoever connects there would wait for ever.
    func adoptHandedOverSockets() {
        var given = host.takeHandedOverSockets()
        guard !given.isEmpty else { return }
        var wanted = fleet.services.flatMap { service in
            configuration(of: service).sockets.map { (service: configuration(of: service).name, socket: $0) }
        }
        for asksForAddress in [true, false] {
            given.removeAll { given in
                let fitting = wanted.indices.filter {
                    let socket = wanted[$0].socket
                    return socket.name == given.name && socket.kind == given.kind
                        && (!asksForAddress || socket.address == given.address)
                }
                guard fitting.count == 1 else { return false }
                let (service, socket) = wanted.remove(at: fitting[0])
                sockets.keep(given.socket, for: ServiceSockets.Binding(socket))
                let place = given.address.map { ", at \($0)" } ?? ""
                let instead = socket.address == given.address ? "" : " in place of \(socket.address)"
                log.info("\(service): socket '\(socket.name)' is the service manager's\(place)\(instead)")
                return true
            }
        }
        for given in given {
            let what = [given.kind?.rawValue, given.address?.description].compactMap(\.self).joined(separator: " ")
            log.warning(
                "the service manager handed over '\(given.name)'\(what.isEmpty ? "" : " (\(what))"), and no service asks for "
                    + "that in its 'sockets': it is closed")
            host.unbind(given.socket)
        }
    }

    /// Closes sockets that no service has any more, but for those of the service manager's.
    func letGo(_ gone: [BoundSocket]) {
        for socket in gone where !sockets.putBack(socket) { host.unbind(socket) }
    }

    /// Binds the sockets of everything that is enabled: whoever connects from now on waits. What cannot be bound is told of by
    /// the start that needs it, which tries again.
    func bindEnabledSockets() {
        for service in fleet.services { bindSockets(of: service) }
    }

    /// The same of one service.
    func bindSockets(of service: ServiceID) {
        let configuration = configuration(of: service)
        guard configuration.enabled, !configuration.sockets.isEmpty else { return }
        for instance in fleet.instances(of: service) { _ = try? passedSockets(of: instance) }
    }

    /// A socket that a service does not want any more, or will not for it goes, is another one's that is to be bound just so: who waits
    /// there is served, and the new one does not find its address in use.
    func passOnSockets(from givers: [ServiceID], to takers: [ServiceID]) {
        var unwanted: [ServiceSockets.Binding: ServiceID] = [:]
        for giver in givers {
            let wanted = configuring.departing.contains(giver) ? [] : configuration(of: giver).sockets
            for binding in sockets.shared(of: giver, except: wanted) { unwanted[binding] = giver }
        }
        guard !unwanted.isEmpty else { return }
        for taker in takers where configuration(of: taker).enabled {
            for socket in configuration(of: taker).sockets {
                let binding = ServiceSockets.Binding(socket)
                guard let giver = unwanted.removeValue(forKey: binding), giver != taker else { continue }
                sockets.move(binding, from: giver, to: taker)
            }
        }
    }

    /// The sockets that an instance gets, bound where they are not yet. What its service had by an older definition is closed.
    func passedSockets(of instance: InstanceID) throws(SpawnFailure) -> [PassedSocket] {
        let service = fleet.service(of: instance)
        let wanted = configuration(of: service).sockets
        letGo(sockets.removeAll(of: service, except: wanted))
        var passed: [PassedSocket] = []
        for socket in wanted {
            let binding = ServiceSockets.Binding(socket)
            let owner = socket.reusesPort ? instance : nil
            if let bound = sockets[service, binding, owner] {
                passed.append(PassedSocket(name: socket.name, socket: bound))
                continue
            }
            if let bound = sockets.takeKept(binding) {
                sockets.add(bound, binding, of: service, instance: owner)
                passed.append(PassedSocket(name: socket.name, socket: bound))
                continue
            }
            switch host.bind(socket) {
            case .success(let bound):
                sockets.add(bound, binding, of: service, instance: owner)
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
        if notices[instance] != nil, isDown(instance) {
            dropStore(of: instance)
            // It was scaled away.
            if !fleet.instances(of: service).contains(instance) { closeNotices(of: instance) }
        }
        guard !sockets.isEmpty(of: service), isDown(instance) else { return }
        // The kernel shares connections out to all that listen at a port, also where nobody is left to accept.
        letGo(sockets.removeAll(of: service, instance: instance))
        guard fleet.instances(of: service).allSatisfy(isDown) else { return }
        letGo(sockets.removeAll(of: service))
    }

    private func isDown(_ instance: InstanceID) -> Bool {
        switch fleet[instance].phase {
        case .stopped, .exited, .fatal: true
        case .waiting, .starting, .running, .backoff, .stopping: false
        }
    }
}
