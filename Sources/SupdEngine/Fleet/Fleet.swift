package import SupdPlugin

/// All instances together: which may start, which may stop, and in what order.
///
/// Each instance is a `ServiceMachine`; the fleet answers what the machines ask of each other (`requestLaunch`,
/// `requestStop`) from the dependency graph and the limit of parallel starts, and passes on to the outside only what
/// needs hands: processes and timers.
///
/// A service may start when all it requires is up, and nothing else that comes before it is still on its way.
/// On its way means: wanted up and not yet seen to succeed or fail. It may stop when nothing that comes after it is
/// going down any more.
///
/// There is one, and whoever looks at it has it: a value of twenty tables was copied for most of the questions that it was asked, and a
/// row for the others.
package final class Fleet {
    /// A service as the fleet is given it.
    package struct Member: Sendable {
        /// Its name and what it says of others.
        package var relations: ServiceRelations
        /// What its machines need to know.
        package var settings: ServiceSettings
        /// How many instances it has.
        package var instances: Int

        /// A service of these.
        package init(relations: ServiceRelations, settings: ServiceSettings, instances: Int = 1) {
            self.relations = relations
            self.settings = settings
            self.instances = max(instances, 1)
        }
    }

    /// A service: its instances, and how they stand, taken together.
    struct Group: Sendable {
        let id: ServiceID
        let name: ServiceName
        /// What instances that begin from now on are like.
        var settings: ServiceSettings
        var instances: InstanceList
        /// Instances that are up.
        var up: Int32 = 0
        /// Instances that are on their way up.
        var pending: Int32 = 0
        /// Instances that are on their way down.
        var leaving: Int32 = 0
        /// Instances that wait for a launch or a stop to be granted: while there are none, nothing around the service
        /// makes a difference to it.
        var asking: Int32 = 0
        /// Instances that only an order would bring up: they have failed or ended for good, or wait for what has.
        var lost: Int32 = 0
        /// How these stood when its neighbours were last told.
        var standing = Standing()
        /// Services it requires that are not up.
        var unmet: Int32 = 0
        /// Those of them that are not on their way up or down either: they have failed, or nobody wants them.
        var blockers: Int32 = 0
        /// Those of these that only an order would bring up.
        var losses: Int32 = 0
        /// Services before it that are on their way up.
        var pendingBefore: Int32 = 0
        /// Services after it that are on their way down.
        var leavingAfter: Int32 = 0
        /// Whether it is on the worklist.
        var isOnWorklist = false
        /// It is wanted down for good, and is not scaled any more.
        var isDeparting = false
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

    /// An instance.
    package final class Row {
        package internal(set) var machine: ServiceMachine { didSet { changes &+= 1 } }
        /// How often the machine has changed. It begins anew after 2^32 times: what was rendered of it is forgotten long before.
        private(set) var changes: UInt32 = 0
        private var slot: UInt32
        var tally = Tally()
        /// It waits, and cannot start now because something it requires has failed, is in a backoff after a failure, or is not wanted.
        var isBlocked = false
        /// The same, and nothing but an order can help: what it requires has failed for good, or is itself such a one.
        var isHopeless = false
        /// It has once succeeded, failed, or been found to be blocked; or nobody waits for that.
        var isReached: Bool
        /// It is in the queue of starts.
        var isQueued = false
        /// Something has happened to it since that was last asked for.
        var isTouched = false
        /// It was scaled away or its service is removed: it takes no order to start.
        var isDeparting = false
        /// The state that was told of it last, where it waits since then and that may be over before anybody is told.
        var untold: ServiceState?
        /// It is one of its service's instances: not one that was scaled away and is gone, or not yet scaled to.
        var isListed = true

        init(machine: ServiceMachine, place: Int, isReached: Bool) {
            self.machine = machine
            slot = UInt32(place)
            self.isReached = isReached
        }

        /// Its service's place in `groups`.
        var place: Int {
            get { Int(slot) }
            set { slot = UInt32(newValue) }
        }
    }

    /// Who depends on whom, by the places of the services.
    package internal(set) var graph: DependencyGraph
    /// How many instances may be STARTING at once.
    package internal(set) var startParallelism: Int
    /// Enabled instances that have not yet once succeeded, failed or been found to be blocked.
    package internal(set) var unreached = 0
    /// Instances that are live, waiting to start, or in a backoff.
    package internal(set) var busy = 0
    /// How many instances are in each state, those that were scaled away only while they go; no entry is zero.
    package internal(set) var counts: [ServiceState: Int]
    /// How many of them are blocked (`isBlocked`).
    package internal(set) var blockedCount = 0
    /// How many instances there are, those that were scaled away only while they go.
    package internal(set) var listedCount = 0
    /// How many steps a call takes at most; what is left is for `advance`. A step is one instance's part of an order, or one grant
    /// of a launch or a stop.
    package var stepsAtOnce = Int.max

    /// Whether nothing may start any more.
    var launchesHeld = false

    /// For each service, those whose stop waits for its own: what comes before it, and where that is a oneshot, which has
    /// ended long ago, also what comes before that.
    var stopPredecessors: [[Int]]
    /// The services, in their order: a place is one in this list until the next `reform`.
    var groups: [Group]
    var places = IdentityTable<ServiceID, Int>()
    package internal(set) var rows = IdentityTable<InstanceID, Row>()
    /// No instance begins with an attempt of this number or below: one of a removed service of the same name may have had it.
    var usedAttempts: UInt64 = 0
    /// Waiting instances whose dependencies are met, first come first served.
    var slotQueue: [InstanceID] = []
    var slotQueueHead = 0
    var starting = 0
    /// Orders that are not carried out yet, the first one first.
    var orders: [Order] = []
    /// Instances that have asked for a launch or a stop; those from `nextRequest` on were not yet looked at.
    var requests: [InstanceID] = []
    var nextRequest = 0
    /// Instances that have begun to wait, from a state at rest, in this call.
    var untold: [InstanceID] = []
    /// Services to look at again, because a neighbour's standing has changed.
    var worklist: [Int] = []
    /// Services of which an instance that was up has gone down without an order, and to which others are bound.
    var fallen: [Int] = []
    /// Instances that something has happened to since they were last asked for, each once.
    var touched: [InstanceID] = []

    /// A fleet at rest. Throws where the dependencies cannot be.
    package init(_ members: [Member], startParallelism: Int, now: MonotonicInstant) throws(DependencyError) {
        graph = try DependencyGraph(members.map(\.relations))
        stopPredecessors = Self.stopPredecessors(graph, isOneshot: members.map { $0.settings.type == .oneshot })
        self.startParallelism = max(startParallelism, 1)
        groups = []
        counts = [:]
        groups.reserveCapacity(members.count)
        for (place, member) in members.enumerated() {
            addGroup(member, at: place, isGoal: member.settings.enabled, now: now)
        }
        lookAround()
    }

    /// Adds a service with its instances, of which nobody knows yet.
    func addGroup(_ member: Member, at place: Int, isGoal: Bool, now: MonotonicInstant) {
        let id = places.insert(place)
        groups.append(
            Group(id: id, name: member.relations.name, settings: member.settings, instances: InstanceList()))
        for _ in 0..<member.instances { groups[place].instances.append(addRow(at: place, isGoal: isGoal, now: now)) }
        listedCount += member.instances
        counts[.stopped, default: 0] += member.instances
        if isGoal { unreached += member.instances }
    }

    func addRow(at place: Int, isGoal: Bool = false, now: MonotonicInstant) -> InstanceID {
        let machine = ServiceMachine(settings: groups[place].settings, attemptsBefore: usedAttempts, now: now)
        return rows.insert(Row(machine: machine, place: place, isReached: !isGoal))
    }

    /// How many oneshots in a row a stop looks across at most.
    private static let oneshotsInARow = 64

    static func stopPredecessors(_ graph: DependencyGraph, isOneshot: [Bool]) -> [[Int]] {
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

    /// The service an instance belongs to.
    package func service(of instance: InstanceID) -> ServiceID { groups[rows[instance].place].id }

    /// The services, in their order.
    package var services: Services { Services(groups: groups) }

    /// Every instance there is, those of a service beside each other, in the order of their numbers; those that were scaled away behind
    /// the others of their service.
    package var allInstances: [InstanceID] {
        var all: [InstanceID] = []
        for group in groups { all += group.instances.all }
        return all
    }

    /// Whether there is such an instance: not one that was removed with its service.
    package func contains(_ instance: InstanceID) -> Bool { rows.contains(instance) }

    /// Whether there is such a service: not one that was removed.
    package func contains(_ service: ServiceID) -> Bool { places.contains(service) }

    /// The machine of an instance that there is.
    package subscript(instance: InstanceID) -> ServiceMachine { _read { yield rows[instance].machine } }

    /// The instance of a service that has one alone; nil where it has several, or none.
    package func soleInstance(of service: ServiceID) -> InstanceID? {
        let place = places[service]
        return groups[place].instances.count == 1 ? groups[place].instances[0] : nil
    }

    /// The instances of a service.
    package func instances(of service: ServiceID) -> InstanceList { groups[places[service]].instances }

    /// The same, and behind them those that were scaled away, or not yet scaled to.
    package func everyInstance(of service: ServiceID) -> [InstanceID] { groups[places[service]].instances.all }

    /// The place of a service in the list of services, by which `graph` knows it.
    package func place(of service: ServiceID) -> Int { places[service] }

    /// The instances that something has happened to since this was last called, and that there are still.
    package func takeTouched() -> [InstanceID] {
        defer { touched = [] }
        touched.removeAll { !rows.contains($0) }
        for instance in touched { rows[instance].isTouched = false }
        return touched
    }

    /// Whether every enabled instance has once come up, ended, failed, or been found to be blocked.
    package var goalReached: Bool { unreached == 0 }

    /// Why a waiting instance waits: the services it waits for, and whether one that it requires has failed (for good, or until the end
    /// of its backoff) or is not wanted. No services: it waits for a start slot. Nil where it is not waiting.
    package func waitsFor(_ instance: InstanceID) -> (services: [ServiceID], failed: Bool)? {
        let row = rows[instance]
        guard row.machine.isWaiting else { return nil }
        let inTheWay = graph.predecessors[row.place].filter { isInTheWay($0, of: row.place) }
        return (inTheWay.map { groups[$0].id }, row.isBlocked)
    }

    /// What a service that is waited for stands like.
    package enum Obstacle: Hashable, Sendable {
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
    package func obstacle(_ service: ServiceID) -> Obstacle {
        let group = groups[places[service]]
        guard group.pending == 0, group.leaving == 0 else { return .onItsWay }
        var obstacle = Obstacle.onItsWay
        for instance in group.instances where !rows[instance].machine.isUp {
            switch rows[instance].machine.phase {
            case .backoff: obstacle = .awaitsRestart
            case .waiting where isBlocked(instance) && !rows[instance].isHopeless:
                if obstacle == .onItsWay { obstacle = .awaitsOthers }
            default: return .lacking
            }
        }
        return obstacle
    }

    /// Whether a waiting instance cannot start now, because of something it requires.
    package func isBlocked(_ instance: InstanceID) -> Bool {
        let row = rows[instance]
        return row.isBlocked && row.machine.isWaiting
    }

    /// Whether a waiting instance will not start without an order: something it requires has failed for good, ended for good though it is not a
    /// oneshot, or waits for such a service itself.
    package func isHopeless(_ instance: InstanceID) -> Bool { isBlocked(instance) && rows[instance].isHopeless }

    /// What the instance's dependents that still run are, while a stop of it waits for them.
    package func stopWaitsFor(_ instance: InstanceID) -> [ServiceName] {
        guard rows[instance].machine.stopRequested else { return [] }
        let place = rows[instance].place
        return groups.indices.filter { groups[$0].leaving > 0 && stopPredecessors[$0].contains(place) }.map {
            groups[$0].name
        }
    }
}

/// What the fleet wants of the outside.
package enum FleetAction: Hashable, Sendable {
    /// Something of an instance's machine for the outside to do; never a request to the fleet.
    case perform(instance: InstanceID, ServiceAction)
    /// The instance's deadline is now this, nil for none.
    case deadline(instance: InstanceID, MonotonicInstant?)
    /// The instance's state as the outside sees it has changed. By the time this is read the machine may have gone further: what is told of
    /// the change is in it.
    case changed(instance: InstanceID, StateChange)
    /// The instance waited for its turn to start, and does so no more; its state as the outside sees it is the same as before.
    case gaveUpWaiting(instance: InstanceID, wasBlocked: Bool)
    /// An instance that was scaled away is down, and none of its service's any more.
    case retired(instance: InstanceID)
    /// An essential instance has ended for good, not by an order; or it cannot start before somebody orders it to, because of what it
    /// requires; or it goes down because of what it is bound to.
    case essentialEnded(instance: InstanceID)
    /// The instance waits for what has failed, is in a backoff after a failure, or is not wanted (`isBlocked`); told again when it turns out
    /// that there is nothing to wait for (`isHopeless`), and when it waits for its turn only. By the time this is read that may be over.
    case blocked(instance: InstanceID)
}
