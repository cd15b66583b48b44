import SupdEngine
import SupdHost
import SupdPlugin

/// What services have said of themselves through their notification sockets (sd_notify(3)), and the sockets.
struct ServiceNotices {
    /// What one instance has said.
    struct Instance {
        let socket: NoticeSocket
        /// Who may send to it; nil for the daemon's own user.
        let user: UInt32?
        /// The attempt that the following is of.
        var attempt: UInt64 = 0
        /// Its own words on how it is; empty where it has none. And when they were last in the log.
        var status = ""
        var toldAt: MonotonicInstant?
        /// Whether it has said that it is on its way down.
        var isStopping = false
        /// A reload by signal that it has not finished.
        var reload: Reload?
        /// Messages of this attempt that were not taken.
        var refused = 0
        /// What it has had kept for its next start, the oldest first.
        fileprivate(set) var store: [StoredDescriptor] = []
    }

    /// A reload by signal.
    struct Reload {
        /// When it was signalled: what was said before is not of it.
        let since: MonotonicInstant
        /// Whether it has said that it reads its configuration.
        var hasBegun = false
    }

    /// A descriptor that a service has had kept.
    struct StoredDescriptor {
        let name: String
        let socket: BoundSocket
        let identity: FileIdentity
        /// What tells that it has hung up; nil where it is kept all the same.
        let channel: Channel?
    }

    /// Where services write that they are ready.
    var ready = ReadyDescriptors()
    private var instances = IdentityMap<InstanceID, Instance>()

    /// What an instance has said; nil where it has no socket.
    subscript(instance: InstanceID) -> Instance? {
        get { instances[instance] }
        set { instances[instance] = newValue }
    }

    /// How many descriptors are kept in all.
    private(set) var kept = 0

    /// Keeps other descriptors for an instance than before.
    mutating func keep(_ store: [StoredDescriptor], of instance: InstanceID) {
        kept += store.count - (instances[instance]?.store.count ?? 0)
        instances[instance]?.store = store
    }

    mutating func add(_ socket: NoticeSocket, for user: UInt32?, of instance: InstanceID) {
        instances[instance] = Instance(socket: socket, user: user)
    }

    mutating func remove(_ instance: InstanceID) -> Instance? {
        guard let removed = instances[instance] else { return nil }
        kept -= removed.store.count
        instances[instance] = nil
        return removed
    }
}
