public import SupdPlugin

/// All instances together: which may start, which may stop, and in what order.
///
/// Each instance is a `ServiceMachine`; the fleet answers what the machines ask of each other (`requestLaunch`,
/// `requestStop`) from the dependency graph and the limit of parallel starts, and passes on to the outside only what
/// needs hands: processes and timers.
///
/// A service may start when all it requires is up, and nothing else that comes before it is still on its way.
/// On its way means: wanted up and not yet seen to succeed or fail. It may stop when nothing that comes after it is
/// going down any more.
public struct Fleet: Sendable {
    /// A service as the fleet is given it.
    public struct Member: Sendable {
        /// Its name and what it says of others.
        public var relations: ServiceRelations
        /// What its machines need to know.
        public var settings: ServiceSettings
        /// How many instances it has.
        public var instances: Int

        /// A service of these.
        public init(relations: ServiceRelations, settings: ServiceSettings, instances: Int = 1) {
            self.relations = relations
            self.settings = settings
            self.instances = max(instances, 1)
        }
    }

    /// How a service's instances stand, taken together.
    struct Group: Sendable {
        var instances: InstanceList
        /// Instances that are up.
        var up = 0
        /// Instances that are on their way up.
        var pending = 0
        /// Instances that are on their way down.
        var leaving = 0
        /// Instances that wait for a launch or a stop to be granted: while there are none, nothing around the service
        /// makes a difference to it.
        var asking = 0
        /// Instances that only an order would bring up: they have failed or ended for good, or wait for what has.
        var lost = 0
        /// How these stood when its neighbours were last told.
        var standing = Standing()
        /// Services it requires that are not up.
        var unmet = 0
        /// Those of them that are not on their way up or down either: they have failed, or nobody wants them.
        var blockers = 0
        /// Those of these that only an order would bring up.
        var losses = 0
        /// Services before it that are on their way up.
        var pendingBefore = 0
        /// Services after it that are on their way down.
        var leavingAfter = 0
    }

    /// All that its neighbours in the graph need to know of a service.
    struct Standing: Hashable, Sendable {
        /// All its instances are up.
        var isUp = false
        /// Some are on their way up.
        var isPending = false
        /// Some are on their way down.
        var isLeaving = false
        /// Some come up only by an order.
        var isLost = false

        /// What requires it has nothing to wait for.
        var isBlocking: Bool { !isUp && !isPending && !isLeaving }

        /// What requires it has nothing to wait for but an order.
        var isBlockingForGood: Bool { isBlocking && isLost }
    }

    /// How an instance was last counted in its group.
    struct Tally: Hashable, Sendable {
        var isUp = false
        var isPending = false
        var isLeaving = false
        var isLost = false
        var isStarting = false
        var isBusy = false
        var isAsking = false
        var isBlocked = false
        /// Its state; nil for one that was scaled away, or not yet scaled to.
        var state: ServiceState? = .stopped
    }

    /// Who depends on whom.
    public let graph: DependencyGraph
    /// The machines, the instances of a service beside each other.
    public internal(set) var machines: [ServiceMachine]
    /// How many instances may be STARTING at once.
    public let startParallelism: Int
    /// Enabled instances that have not yet once succeeded, failed or been found to be blocked.
    public internal(set) var unreached = 0
    /// Instances that are live, waiting to start, or in a backoff.
    public internal(set) var busy = 0
    /// How many instances are in each state, those that were scaled away only while they go; no entry is zero.
    public internal(set) var counts: [ServiceState: Int]
    /// How many of them are blocked (`isBlocked`).
    public internal(set) var blockedCount = 0
    /// How many steps a call takes at most; what is left is for `advance`. A step is one instance's part of an order, or one grant
    /// of a launch or a stop.
    public var stepsAtOnce = Int.max

    /// Whether nothing may start any more.
    var launchesHeld = false

    /// For each service, those whose stop waits for its own: what comes before it, and where that is a oneshot, which has
    /// ended long ago, also what comes before that.
    let stopPredecessors: [[Int]]
    let names: [ServiceName]
    var groups: [Group]
    /// Instance → service.
    var groupOf: [Int32]
    /// Instances that were scaled away: they take no order to start.
    var departing: Set<Int> = []
    var tallies: [Tally]
    /// Waiting instances that cannot start now because something they require has failed, is in a backoff after a
    /// failure, or is not wanted.
    var blocked: [Bool]
    /// Those of them that nothing but an order can help: what they require has failed for good, or is itself one of them.
    var hopeless: [Bool]
    var reached: [Bool]
    /// Waiting instances whose dependencies are met, first come first served.
    var slotQueue: [Int] = []
    /// Whether an instance is in that queue.
    var queued: [Bool]
    var slotQueueHead = 0
    var starting = 0
    /// Orders that are not carried out yet, the first one first.
    var orders: [Order] = []
    /// Instances that have asked for a launch or a stop; those from `nextRequest` on were not yet looked at.
    var requests: [Int] = []
    var nextRequest = 0
    /// Services to look at again, because a neighbour's standing has changed.
    var worklist: [Int] = []
    /// Whether a service is on that list.
    var listed: [Bool]
    /// Services of which an instance that was up has gone down without an order, and to which others are bound.
    var fallen: [Int] = []
    /// Instances that something has happened to since they were last asked for, each once.
    var touched: [Int] = []
    var isTouched: [Bool]
    /// Places whose instances were scaled away, or not yet scaled to.
    var unlisted: Set<Int> = []

    /// A fleet at rest. Throws where the dependencies cannot be.
    public init(_ members: [Member], startParallelism: Int, now: MonotonicInstant) throws(DependencyError) {
        graph = try DependencyGraph(members.map(\.relations))
        names = members.map(\.relations.name)
        stopPredecessors = Self.stopPredecessors(graph, isOneshot: members.map { $0.settings.type == .oneshot })
        self.startParallelism = max(startParallelism, 1)
        var machines: [ServiceMachine] = []
        var groups: [Group] = []
        var groupOf: [Int32] = []
        for (place, member) in members.enumerated() {
            let first = machines.count
            for _ in 0..<member.instances {
                machines.append(ServiceMachine(settings: member.settings, now: now))
                groupOf.append(Int32(place))
            }
            let required = graph.requires[place].count
            groups.append(Group(instances: InstanceList(first..<machines.count), unmet: required, blockers: required))
        }
        self.machines = machines
        self.groups = groups
        self.groupOf = groupOf
        tallies = Array(repeating: Tally(), count: machines.count)
        blocked = Array(repeating: false, count: machines.count)
        hopeless = blocked
        queued = blocked
        isTouched = blocked
        counts = machines.isEmpty ? [:] : [.stopped: machines.count]
        listed = Array(repeating: false, count: groups.count)
        reached = machines.map { !$0.settings.enabled }
        unreached = reached.reduce(0) { $0 + ($1 ? 0 : 1) }
    }

    /// How many oneshots in a row a stop looks across at most.
    private static let oneshotsInARow = 64

    private static func stopPredecessors(_ graph: DependencyGraph, isOneshot: [Bool]) -> [[Int]] {
        graph.predecessors.map { direct in
            guard direct.contains(where: { isOneshot[$0] }) else { return direct }
            var all = direct
            var seen = Set(direct)
            var layer = direct
            for _ in 0..<oneshotsInARow where !layer.isEmpty {
                layer = layer.filter { isOneshot[$0] }.flatMap { graph.predecessors[$0] }
                    .filter { seen.insert($0).inserted }
                all += layer
            }
            return all
        }
    }

    /// The service an instance belongs to, by its place in the list the fleet was made of.
    public func service(of instance: Int) -> Int { Int(groupOf[instance]) }

    /// The instances of a service.
    public func instances(of service: Int) -> InstanceList { groups[service].instances }

    /// How many instances there are, those that were scaled away only while they go.
    public var listedCount: Int { machines.count - unlisted.count }

    /// The instances that something has happened to since this was last called.
    public mutating func takeTouched() -> [Int] {
        defer { touched = [] }
        for instance in touched { isTouched[instance] = false }
        return touched
    }

    /// Whether every enabled instance has once come up, ended, failed, or been found to be blocked.
    public var goalReached: Bool { unreached == 0 }

    /// Why a waiting instance waits: the services it waits for, by their places in the list, and whether one that it requires has failed
    /// (for good, or until the end of its backoff) or is not wanted. No services: it waits for a start slot. Nil where it is
    /// not waiting.
    public func waitsFor(_ instance: Int) -> (services: [Int], failed: Bool)? {
        guard machines[instance].phase == .waiting else { return nil }
        let service = Int(groupOf[instance])
        return (graph.predecessors[service].filter { isInTheWay($0, of: service) }, blocked[instance])
    }

    /// What a service that is waited for stands like.
    public enum Obstacle: Hashable, Sendable {
        /// It is on its way up, or down first.
        case onItsWay
        /// It is in a backoff, and will be tried again.
        case awaitsRestart
        /// It waits for services that it requires, and these will be tried again.
        case awaitsOthers
        /// It has failed or ended for good, waits for such a service, or is not wanted: only an order helps.
        case lacking
    }

    /// What a service stands like for those that wait for it.
    public func obstacle(_ service: Int) -> Obstacle {
        let group = groups[service]
        guard group.pending == 0, group.leaving == 0 else { return .onItsWay }
        var obstacle = Obstacle.onItsWay
        for instance in group.instances where !machines[instance].isUp {
            switch machines[instance].phase {
            case .backoff: obstacle = .awaitsRestart
            case .waiting where isBlocked(instance) && !hopeless[instance]:
                if obstacle == .onItsWay { obstacle = .awaitsOthers }
            default: return .lacking
            }
        }
        return obstacle
    }

    /// Whether a waiting instance cannot start now, because of something it requires.
    public func isBlocked(_ instance: Int) -> Bool { machines[instance].phase == .waiting && blocked[instance] }

    /// Whether a waiting instance will not start without an order: something it requires has failed for good, ended for good though it is not a
    /// oneshot, or waits for such a service itself.
    public func isHopeless(_ instance: Int) -> Bool { isBlocked(instance) && hopeless[instance] }

    /// What the instance's dependents that still run are, while a stop of it waits for them.
    public func stopWaitsFor(_ instance: Int) -> [ServiceName] {
        guard machines[instance].stopRequested else { return [] }
        let service = Int(groupOf[instance])
        return groups.indices.filter { groups[$0].leaving > 0 && stopPredecessors[$0].contains(service) }.map {
            names[$0]
        }
    }
}

/// What the fleet wants of the outside.
public enum FleetAction: Hashable, Sendable {
    /// Something of an instance's machine for the outside to do; never a request to the fleet.
    case perform(instance: Int, ServiceAction)
    /// The instance's deadline is now this, nil for none.
    case deadline(instance: Int, MonotonicInstant?)
    /// The instance's state as the outside sees it has changed. By the time this is read it may have gone further.
    case changed(instance: Int, from: ServiceState, to: ServiceState)
    /// The instance waited for its turn to start, and does so no more; its state as the outside sees it is the same as before.
    case gaveUpWaiting(instance: Int)
    /// An essential instance has ended for good, not by an order; or it cannot start before somebody orders it to, because of what it
    /// requires; or it goes down because of what it is bound to.
    case essentialEnded(instance: Int)
    /// The instance waits for what has failed, is in a backoff after a failure, or is not wanted; told again when it turns out that there is
    /// nothing to wait for (`isHopeless`). By the time this is read that may be over.
    case blocked(instance: Int)
}
