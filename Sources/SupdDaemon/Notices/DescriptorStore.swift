import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdSystemd

/// Descriptors that services have kept for their next start (systemd.service(5), FileDescriptorStoreMax=).
final class DescriptorStore {
    /// With so many of its identity a descriptor is compared: of most there is one.
    private static let comparisons = 16

    private struct Descriptor {
        let name: String
        let socket: BoundSocket
        let identity: FileIdentity
        /// What tells that it has hung up; nil where it is kept all the same.
        let channel: Channel?
    }

    /// What one instance has had kept.
    private struct Kept {
        /// What they came through.
        var socket: NoticeSocket
        /// The oldest first.
        var descriptors: [Descriptor] = []
    }

    private unowned let seam: any NoticeSeam
    private let host: any Host
    private var kept = [InstanceID: Kept]()
    /// How many there are in all.
    private var count = 0

    /// Nothing yet.
    init(_ seam: any NoticeSeam) {
        self.seam = seam
        host = seam.host
    }

    /// Keeps descriptors for the next start, or lets kept ones go, as a message says; leaves those that were not taken. Answers why where
    /// some were refused.
    func take(
        _ descriptors: inout [BoundSocket], _ message: NoticeMessage, of instance: InstanceID,
        through socket: NoticeSocket
    ) -> String? {
        let label = message.descriptorName ?? "stored"
        if message.removes { keep(of: instance) { $0.name != label } }
        guard message.stores, !message.removes, !descriptors.isEmpty else { return nil }
        let known = kept[instance]?.descriptors ?? []
        let limit = seam.definition(of: instance).conduct.fileDescriptorStoreMax
        let room = max(0, min(limit - known.count, host.keptDescriptors - count))
        var (new, rest): ([Descriptor], [BoundSocket]) = ([], [])
        var refused = 0
        var byIdentity = Dictionary(grouping: known, by: \.identity)
        for descriptor in descriptors {
            let identity = host.identity(of: descriptor)
            // What is sent again stays as it is.
            let isKept = (byIdentity[identity] ?? []).prefix(Self.comparisons).contains {
                host.areSame($0.socket, descriptor)
            }
            guard !isKept, new.count < room else {
                rest.append(descriptor)
                if !isKept { refused += 1 }
                continue
            }
            let stored = watch(descriptor, identity, label, polls: message.polls, of: instance)
            let user = seam.definition(of: instance).conduct.identity?.uid
            seam.managerStore.keep(
                descriptor, .descriptor(user: user, label: label, polls: message.polls),
                of: seam.name(of: instance).description)
            new.append(stored)
            byIdentity[identity, default: []].append(stored)
        }
        descriptors = rest
        if !new.isEmpty { kept[instance, default: Kept(socket: socket)].descriptors += new }
        count += new.count
        guard refused > 0 else { return nil }
        let problem =
            limit == 0
            ? "it has no fd_store_max"
            : known.count + new.count == limit
                ? "its fd_store_max of \(limit) is used up" : "supd keeps as many as it can, \(count)"
        return "\(plural(refused, "descriptor")) of it \(refused == 1 ? "is" : "are") not kept: \(problem)"
    }

    private func watch(
        _ descriptor: BoundSocket, _ identity: FileIdentity, _ label: String, polls: Bool, of instance: InstanceID
    ) -> Descriptor {
        let channel = polls ? host.tellHangUp(of: descriptor) : nil
        if let channel { seam.channels[channel] = .stored(instance) }
        return Descriptor(name: label, socket: descriptor, identity: identity, channel: channel)
    }

    /// Keeps one that an earlier daemon has kept; false where there is no room for it.
    func takeBack(
        _ descriptor: BoundSocket, _ label: String, polls: Bool, of instance: InstanceID, through socket: NoticeSocket
    ) -> Bool {
        let known = kept[instance]?.descriptors.count ?? 0
        guard known < seam.definition(of: instance).conduct.fileDescriptorStoreMax, count < host.keptDescriptors else {
            return false
        }
        kept[instance, default: Kept(socket: socket)].descriptors.append(
            watch(descriptor, host.identity(of: descriptor), label, polls: polls, of: instance))
        count += 1
        return true
    }

    /// Those of an instance came through a socket that is there no more, and belong to this one from now on.
    func move(to socket: NoticeSocket, of instance: InstanceID) { kept[instance]?.socket = socket }

    /// What an instance has had kept, as its next start gets it, behind its sockets.
    func passed(to instance: InstanceID) -> [PassedSocket] {
        guard let known = kept[instance]?.descriptors else { return [] }
        // It may have been allowed more when they came.
        let staying = known.prefix(seam.definition(of: instance).conduct.fileDescriptorStoreMax)
        replace(known, of: instance, by: staying)
        return staying.map { PassedSocket(name: $0.name, socket: $0.socket) }
    }

    /// The other end of one is gone: nobody has any use for it.
    func dropHungUp(_ channel: Channel, of instance: InstanceID) {
        guard let gone = kept[instance]?.descriptors.first(where: { $0.channel == channel }) else { return }
        seam.log.debug("\(seam.name(of: instance)): its stored descriptor '\(gone.name)' has hung up, and is closed")
        keep(of: instance) { $0.channel != channel }
    }

    /// All of an instance go; where it `goesOn` with the next daemon, that gets those that the service manager keeps.
    func drop(of instance: InstanceID, goesOn: Bool = false) {
        if goesOn { for descriptor in kept[instance]?.descriptors ?? [] { seam.managerStore.leave(descriptor.socket) } }
        keep(of: instance) { _ in false }
    }

    private func keep(of instance: InstanceID, _ stays: (Descriptor) -> Bool) {
        guard let known = kept[instance]?.descriptors else { return }
        replace(known, of: instance, by: known.filter(stays))
    }

    /// Closes those of what is known that do not stay.
    private func replace(_ known: [Descriptor], of instance: InstanceID, by staying: some Collection<Descriptor>) {
        guard staying.count < known.count, let socket = kept[instance]?.socket else { return }
        kept[instance]?.descriptors = Array(staying)
        if staying.isEmpty { kept[instance] = nil }
        count -= known.count - staying.count
        let sockets = Set(staying.map(\.socket))
        let gone = known.filter { !sockets.contains($0.socket) }
        for descriptor in gone { seam.managerStore.letGo(descriptor.socket) }
        for case let channel? in gone.map(\.channel) { seam.channels[channel] = nil }
        host.drop(gone.map(\.socket), of: socket)
    }
}
