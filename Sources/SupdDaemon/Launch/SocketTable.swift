import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Which sockets are held for whom.
struct SocketTable {
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

    private var held = [ServiceID: [Held]]()
    /// Sockets that the service manager has made, and holds too. They are kept for good: who bound one anew would find its address in use.
    private var handedOver = [Binding: BoundSocket]()
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

    /// Holds one no more for a service, or for one instance of it.
    mutating func remove(_ bound: BoundSocket, of service: ServiceID) {
        held[service]?.removeAll { $0.bound == bound }
        if held[service]?.isEmpty == true { held[service] = nil }
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

    /// Takes out those of a service that were bound by something else than it wants, and than its instances do that still run by what
    /// `running` says.
    mutating func removeAll(
        of service: ServiceID, except wanted: [ListenSocket], running: () -> [(InstanceID, [ListenSocket])]
    ) -> [BoundSocket] {
        guard let own = held[service] else { return [] }
        let bindings = wanted.map(Binding.init)
        guard !own.allSatisfy({ bindings.contains($0.binding) }) else { return [] }
        let older = running().map { (instance: $0, bindings: $1.map(Binding.init)) }
        let unwanted = remove(of: service) { socket in
            !bindings.contains(socket.binding)
                && !older.contains {
                    (socket.instance ?? $0.instance) == $0.instance && $0.bindings.contains(socket.binding)
                }
        }
        return unwanted.map(\.bound)
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
