import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// Who wants the configuration read anew, what is read, and what is still on its way out since it was put into effect.
struct ConfigurationDesk {
    /// Somebody who wants it read.
    enum Asker {
        /// Only to be told what it would change.
        case plan(ReplyTicket)
        /// To put it into effect.
        case reload(ReplyTicket?, ReloadParams, by: PeerCredentials)
        /// SIGHUP: the same, and nobody is answered.
        case signal

        var isPlan: Bool { if case .plan = self { true } else { false } }
        var isSignal: Bool { if case .signal = self { true } else { false } }

        /// What an event says of who wants it put into effect.
        var cause: EventCause {
            switch self {
            case .plan: .none
            case .reload(_, _, let peer): EventCause(peer.order)
            case .signal: .signal("SIGHUP")
            }
        }
    }

    /// Those whose turn has not come, in the order they came.
    private(set) var waiting: [Asker] = []
    /// Those that what is being read is for; empty where nothing is read.
    private(set) var served: [Asker] = []
    /// Services that were removed, and are not down yet.
    var departing: Set<ServiceID> = []
    /// When it is looked at next whether they are gone.
    var lookAt = MonotonicInstant(nanoseconds: .min)
    /// So many are looked at in every turn.
    static let lookedAtUnasked = 32
    /// A service that is on its way out is to come back: nothing is read before it is gone.
    var awaitsDeparture = false
    /// The service manager was told that something is read, and not yet that it is over.
    var isAnnounced = false
    /// What is in force, but for the services, which the roster has.
    var inForce: Configuration
    /// `[supervisor]` as it was when the daemon was started: some of it counts to its end.
    let started: SupervisorConfiguration
    /// When it was read.
    var readAt: WallTime
    /// Those who wait for what the files say by now; they are told which have changed, or nil where the disk does not say.
    var informed: [(Supervisor, [String]?) -> Void] = []
    /// Those who ask what services are told, and wait for what the files say; and whether those are being read for others.
    var defining: [DefinitionQuestion] = []
    var isDefining = false
    /// What runs and is to go by other settings than it was begun by.
    var settings: [(instance: InstanceID, attempt: UInt64, former: TreeSettings)] = []

    init(_ configuration: Configuration, readAt: WallTime) {
        inForce = configuration.withoutServices
        started = configuration.supervisor
        self.readAt = readAt
    }

    /// Any number of signals that wait are one.
    mutating func add(_ asker: Asker) {
        if asker.isSignal, waiting.contains(where: \.isSignal) { return }
        waiting.append(asker)
    }

    /// Takes those whose turn it is: the first, and with it all that only want a plan, up to the next that wants more. Nil where nobody
    /// waits, or somebody's configuration is being read.
    mutating func takeNext() -> [Asker]? {
        guard served.isEmpty, !awaitsDeparture, let first = waiting.first else { return nil }
        served = first.isPlan ? Array(waiting.prefix(while: \.isPlan)) : [first]
        waiting.removeFirst(served.count)
        return served
    }

    /// What was read is answered.
    mutating func finish() { served = [] }

    /// It is to be read once more for these.
    mutating func putBack(_ asker: Asker) { waiting.insert(asker, at: 0) }
}

extension Supervisor {
    /// Whether the configuration in force does not have a service any more.
    func isDeparting(_ service: ServiceID) -> Bool { configuring.departing.contains(service) }
}
