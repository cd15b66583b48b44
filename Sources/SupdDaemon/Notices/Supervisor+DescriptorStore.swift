import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdSystemd

/// Descriptors that services have kept for their next start (systemd.service(5), FileDescriptorStoreMax=).
extension Supervisor {
    /// With so many of its identity a descriptor is compared: of most there is one.
    private static let comparisons = 16

    /// Keeps descriptors for the next start, or lets kept ones go; answers those of them that were not taken.
    func keepDescriptors(
        _ descriptors: [BoundSocket], _ message: NoticeMessage, of instance: InstanceID
    ) -> [BoundSocket] {
        guard let known = notices[instance] else { return descriptors }
        let label = message.descriptorName ?? "stored"
        if message.removes { keep(known.store.filter { $0.name != label }, of: instance) }
        guard message.stores, !message.removes, !descriptors.isEmpty else { return descriptors }
        let limit = definition(of: instance).fileDescriptorStoreMax
        let room = max(0, min(limit - known.store.count, host.keptDescriptors - notices.kept))
        var (new, rest): ([ServiceNotices.StoredDescriptor], [BoundSocket]) = ([], [])
        var refused = 0
        var kept = Dictionary(grouping: known.store, by: \.identity)
        for descriptor in descriptors {
            let identity = host.identity(of: descriptor)
            // What is sent again stays as it is.
            let isKept = (kept[identity] ?? []).prefix(Self.comparisons).contains {
                host.areSame($0.socket, descriptor)
            }
            guard !isKept, new.count < room else {
                rest.append(descriptor)
                if !isKept { refused += 1 }
                continue
            }
            let channel = message.polls ? host.tellHangUp(of: descriptor) : nil
            if let channel { channels[channel] = .stored(instance) }
            let stored = ServiceNotices.StoredDescriptor(
                name: label, socket: descriptor, identity: identity, channel: channel)
            new.append(stored)
            kept[identity, default: []].append(stored)
        }
        notices.keep(known.store + new, of: instance)
        if refused > 0 {
            let problem =
                limit == 0
                ? "it has no fd_store_max"
                : known.store.count + new.count == limit
                    ? "its fd_store_max of \(limit) is used up" : "supd keeps as many as it can, \(notices.kept)"
            let are = refused == 1 ? "is" : "are"
            refuse("\(plural(refused, "descriptor")) of it \(are) not kept: \(problem)", of: instance)
        }
        return rest
    }

    /// Keeps these of what is kept of an instance, and closes the others.
    private func keep(_ staying: some Collection<ServiceNotices.StoredDescriptor>, of instance: InstanceID) {
        guard let known = notices[instance], staying.count < known.store.count else { return }
        let sockets = Set(staying.map(\.socket))
        notices.keep(Array(staying), of: instance)
        drop(known.store.filter { !sockets.contains($0.socket) }, of: known.socket)
    }

    /// Closes what was kept.
    func drop(_ stored: [ServiceNotices.StoredDescriptor], of socket: NoticeSocket) {
        for case let channel? in stored.map(\.channel) { channels[channel] = nil }
        host.drop(stored.map(\.socket), of: socket)
    }

    /// The other end of one is gone: nobody has any use for it.
    func dropHungUp(_ channel: Channel, of instance: InstanceID) {
        guard let store = notices[instance]?.store, let gone = store.first(where: { $0.channel == channel }) else {
            return
        }
        log.debug("\(name(of: instance)): its stored descriptor '\(gone.name)' has hung up, and is closed")
        keep(store.filter { $0.channel != channel }, of: instance)
    }

    /// What an instance has had kept, as its next start gets it, behind its sockets.
    func storedDescriptors(of instance: InstanceID) -> [PassedSocket] {
        // It may have been allowed more when they came.
        keep((notices[instance]?.store ?? []).prefix(definition(of: instance).fileDescriptorStoreMax), of: instance)
        return (notices[instance]?.store ?? []).map { PassedSocket(name: $0.name, socket: $0.socket) }
    }

    /// An instance is not wanted up any more: what it has had kept goes.
    func dropStore(of instance: InstanceID) { keep([], of: instance) }
}
