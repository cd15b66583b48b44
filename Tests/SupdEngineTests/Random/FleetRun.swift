import EngineChecks
import SupdEngine
import SupdPlugin
import TestChance

/// A small fleet in a random graph, a world of processes that obey, refuse, crash, stay or leave others behind, and
/// orders in any moment. In the end the orders stop and the processes behave: then what is must be what is wanted.
struct FleetRun: RandomRun {
    var trace: [String] = []
    var random: SeededRandom
    let isTraced: Bool
    var fleet: Fleet
    var relations: [ServiceID: ServiceRelations] = [:]
    var watch: FleetWatch
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    var world: ProcessWorld
    var actions: [FleetAction] = []
    var faults: [String] = []
    /// Services that were removed and are not gone yet.
    var departing: Set<ServiceID> = []
    var added = 0
    /// What begins of a service begins by these.
    var settings: [ServiceID: ServiceSettings] = [:]

    init(random: SeededRandom, isTraced: Bool) {
        self.random = random
        self.isTraced = isTraced
        let members = RandomGraph.members(&self.random)
        // A graph that only looks back has no cycle.
        guard let fleet = try? Fleet(members, startParallelism: 1 + self.random.below(4), now: now) else {
            preconditionFailure("the random graph has a cycle")
        }
        self.fleet = fleet
        if self.random.chance(30) { self.fleet.stepsAtOnce = 1 + self.random.below(3) }
        for (id, member) in zip(fleet.services, members) { relations[id] = member.relations }
        for (id, member) in zip(fleet.services, members) { settings[id] = member.settings }
        watch = FleetWatch(fleet)
        world = ProcessWorld()
        if isTraced { trace += members.map { "\($0.instances) of \($0.relations), \($0.settings.text)" } }
    }

    mutating func run() -> [String] {
        for _ in 0..<10 + random.below(31) where faults.isEmpty {
            if random.chance(35) {
                order()
            } else if random.chance(10) {
                nuisance()
            } else if random.chance(10) {
                reform()
            } else if !worldStep() {
                order()
            }
        }
        if faults.isEmpty { calmDown() }
        return faults
    }

    // MARK: What happens

    private mutating func order() {
        if random.chance(50) { now = now.advanced(by: .milliseconds(random.below(3_000))) }
        var chosen = [anyInstance()]
        if random.chance(30) { chosen.append(anyInstance()) }
        let cause = Cause.order(uid: 0, pid: 1)
        let draw = random.unit()
        let kind = random.below(17)
        let count = 1 + random.below(4)
        if kind == 16 { reserve(fleet.service(of: chosen[0]), count) }
        let wasRunning = Set(fleet.allInstances.filter { fleet[$0].phase == .running && fleet[$0].desired == .up })
        act("order \(kind) of \(chosen)") { fleet, now, actions in
            switch kind {
            case 0...4: fleet.start(chosen, cause: cause, now: now, random: { draw }, into: &actions)
            case 5...8: fleet.stop(chosen, cause: cause, now: now, random: { draw }, into: &actions)
            case 9...11: fleet.restart(chosen, cause: cause, now: now, random: { draw }, into: &actions)
            case 12: fleet.startEnabled(now: now, random: { draw }, into: &actions)
            case 13: fleet.handle(.resetFailed(cause), of: chosen[0], now: now, random: { draw }, into: &actions)
            case 16:
                fleet.scale(
                    fleet.service(of: chosen[0]), to: count, cause: cause, now: now, random: { draw }, into: &actions)
            case 14: fleet.stopAll(cause: .drain, now: now, random: { draw }, into: &actions)
            default: fleet.handle(.kill, of: chosen[0], now: now, random: { draw }, into: &actions)
            }
        }
        guard fleet.stepsAtOnce == .max else { return }
        checkPassedOn(kind, of: chosen, wasRunning)
        if kind == 16 { checkScaled(fleet.service(of: chosen[0]), to: count) }
    }

    /// Room for more instances of a service, in all that follows the fleet.
    private mutating func reserve(_ service: ServiceID, _ count: Int) {
        _ = fleet.reserve(service, instances: count, now: now)
        watch.grow(fleet)
    }

    private mutating func anyInstance() -> InstanceID { random.pick(Array(fleet.allInstances)) }

    /// After a scale so many are wanted up, and those beyond are not; none of a service that departs.
    private mutating func checkScaled(_ service: ServiceID, to count: Int) {
        guard !departing.contains(service) else {
            for instance in fleet.everyInstance(of: service) where fleet[instance].desired == .up {
                faults.append("instance \(instance) departs and is wanted up after a scale")
            }
            return
        }
        for (number, instance) in fleet.instances(of: service).enumerated() {
            let machine = fleet[instance]
            if number < count, machine.desired == .down {
                faults.append("instance \(instance), number \(number), is not wanted up after a scale to \(count)")
            } else if number >= count, machine.desired == .up {
                faults.append("instance \(instance), number \(number), is there after a scale to \(count)")
            }
        }
        // Those that go leave from the end.
        if let last = fleet.instances(of: service).last, fleet.instances(of: service).count > count,
            !fleet[last].isLive
        {
            faults.append("instance \(last) is down and still there after a scale to \(count)")
        }
        if fleet.instances(of: service).count < count { faults.append("service \(service) was not scaled to \(count)") }
    }

    /// After a stop or a restart of `chosen`: what says that it goes down with their services must do so.
    private mutating func checkPassedOn(_ kind: Int, of chosen: [InstanceID], _ wasRunning: Set<InstanceID>) {
        let named = Set(chosen.compactMap { relations[fleet.service(of: $0)]?.name })
        for (service, relation) in relations {
            guard !named.isDisjoint(with: relation.requires + relation.bindsTo + relation.partOf) else { continue }
            for instance in fleet.instances(of: service) where !chosen.contains(instance) {
                let machine = fleet[instance]
                if (5...8).contains(kind), machine.desired == .up {
                    faults.append("instance \(instance) did not go down with \(chosen)")
                }
                if (9...11).contains(kind), wasRunning.contains(instance), machine.phase == .running,
                    !machine.stopRequested
                {
                    faults.append("instance \(instance) was not restarted with \(chosen)")
                }
            }
        }
    }

    /// Something late, early or twice, that must change nothing or do no harm.
    private mutating func nuisance() {
        let instance = anyInstance()
        let old = fleet[instance].attempt &- UInt64(1 + random.below(2))
        let event: ServiceEvent
        switch random.below(6) {
        case 0: event = .timer
        case 1: event = .exited(attempt: old, .failure)
        case 2: event = random.chance(50) ? .spawned(attempt: old, pid: 3) : .spawnPending(attempt: old)
        case 3: event = .spawnFailed(attempt: old, .missing)
        case 4:
            event = .errandEnded(
                attempt: old, random.pick(Errand.allCases), failure: random.pick([nil, .failure]))
        default: event = .treeExamined(attempt: old, remaining: 0)
        }
        tell(event, of: instance)
    }

    /// The next thing that the world or a timer does. False where nothing is to come.
    private mutating func worldStep() -> Bool {
        guard !fleet.isSettled else { return worldEvent() }
        // The next steps of what was ordered, or something comes in between.
        if random.chance(40), worldEvent() { return true }
        let draw = random.unit()
        act("advance") { $0.advance(now: $1, random: { draw }, into: &$2) }
        return true
    }

    private mutating func worldEvent() -> Bool {
        var timer: (instance: InstanceID, at: MonotonicInstant)?
        for instance in fleet.allInstances {
            guard let at = fleet[instance].deadline, timer.map({ at < $0.at }) ?? true else { continue }
            timer = (instance, at)
        }
        if let (place, at) = world.next, timer.map({ at <= $0.at }) ?? true {
            now = max(now, at)
            deliver(world.take(place))
            return true
        }
        guard let timer else { return false }
        now = max(now, timer.at)
        tell(.timer, of: timer.instance)
        return true
    }

    private mutating func deliver(_ answer: ProcessWorld.Answer) {
        let instance = answer.instance
        // It was removed, and nothing of it lives: see `reform`.
        guard fleet.contains(instance) else { return }
        switch answer.kind {
        case .spawn:
            guard fleet[instance].wantsSpawn(of: answer.attempt) else { return }
            if !world.isCalm, random.chance(15) {
                tell(.spawnFailed(attempt: answer.attempt, random.chance(50) ? .shortage : .missing), of: instance)
                return
            }
            faults += watch.began(instance, attempt: answer.attempt, fleet: fleet)
            if !world.isCalm, random.chance(15) {
                world.hang(instance, attempt: answer.attempt, now: now, random: &random)
                return tell(.spawnPending(attempt: answer.attempt), of: instance)
            }
            begin(instance, answer.attempt)
        case .lateSpawn(let fails):
            guard world.comesBack(instance, attempt: answer.attempt) else { return }
            guard fails else { return begin(instance, answer.attempt) }
            watch.gone(instance)
            tell(.spawnFailed(attempt: answer.attempt, .missing), of: instance)
        case .exit(let outcome):
            guard world.end(instance, attempt: answer.attempt, random: &random) else { return }
            tell(.exited(attempt: answer.attempt, outcome), of: instance)
            if random.chance(5) { tell(.exited(attempt: answer.attempt, outcome), of: instance) }
        case .examine:
            let left = world.left(instance, attempt: answer.attempt)
            let leaves = fleet[instance].settings.killMode == .process
            if left == 0 || leaves, world.forget(instance, attempt: answer.attempt) { watch.gone(instance) }
            tell(.treeExamined(attempt: answer.attempt, remaining: left), of: instance)
        case .errandEnd(let errand, let failure):
            tell(.errandEnded(attempt: answer.attempt, errand, failure: failure), of: instance)
        case .ready: tell(.becameReady(attempt: answer.attempt), of: instance)
        case .unhealthy: tell(.becameUnhealthy(attempt: answer.attempt), of: instance)
        case .leftoversEnd:
            world.endLeftovers(instance, attempt: answer.attempt, now: now)
        }
    }

    private mutating func begin(_ instance: InstanceID, _ attempt: UInt64) {
        let settings = fleet[instance].settings
        world.begin(instance, attempt: attempt, settings, now: now, random: &random)
        tell(.spawned(attempt: attempt, pid: Int32(100 + instance.slot)), of: instance)
    }

    /// No more orders, and processes that behave: everything comes to rest.
    private mutating func calmDown() {
        let isDrained = random.chance(30)
        let draw = random.unit()
        if isDrained {
            act("hold") { $0.holdLaunches(cause: .drain, now: $1, random: { draw }, into: &$2) }
            for _ in 0..<random.below(4) where faults.isEmpty { _ = worldStep() }
            act("stop all") { $0.stopAll(cause: .drain, now: $1, random: { draw }, into: &$2) }
            if random.chance(50) { act("kill all") { $0.killAll(now: $1, random: { draw }, into: &$2) } }
        }
        world.calm(fleet, now: now)
        var steps = 0
        while faults.isEmpty, worldStep() {
            steps += 1
            if steps > 5_000 { faults.append("the fleet does not come to rest") }
        }
        guard faults.isEmpty else { return }
        faults += watch.checkQuiet(fleet)
        guard isDrained else { return }
        if fleet.busy != 0 { faults.append("after a drain \(fleet.busy) instances are busy") }
    }

    // MARK: Telling the fleet

    private mutating func tell(_ event: ServiceEvent, of instance: InstanceID) {
        let draw = random.unit()
        act("\(event) of \(instance)") { $0.handle(event, of: instance, now: $1, random: { draw }, into: &$2) }
    }

    mutating func act(
        _ what: @autoclosure () -> String, _ body: (Fleet, MonotonicInstant, inout [FleetAction]) -> Void
    ) {
        actions.removeAll(keepingCapacity: true)
        body(fleet, now, &actions)
        if isTraced {
            let states = fleet.machines.map { "\($0.state.rawValue)/\($0.desired)" }.joined(separator: " ")
            trace.append("\(now.nanoseconds / 1_000_000) ms: \(what()) → \(states)")
            trace += actions.map { "    \($0)" }
        }
        faults += watch.check(fleet, after: actions)
        for action in actions {
            guard case .perform(let instance, let wanted) = action else { continue }
            world.perform(wanted, on: instance, now: now, random: &random)
        }
    }
}

extension ServiceSettings {
    /// What of it a trace needs.
    var text: String { "\(type) \(killMode) restart \(restart) backoff \(backoff) \(startLimit)" }
}
