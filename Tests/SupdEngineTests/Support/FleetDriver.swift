import EngineChecks
import SupdEngine
import SupdPlugin
import Testing

/// A fleet and a world that does what it is told at once: programs begin, signals end them, nothing is left behind.
/// Every step is looked at by `FleetWatch`.
final class FleetDriver {
    private(set) var fleet: Fleet
    private(set) var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    /// Services by name, in the order they were launched and told to stop since the last look.
    private(set) var launched: [String] = []
    private(set) var told: [String] = []
    private(set) var ended: [String] = []
    /// The most instances that were ever STARTING at once.
    private(set) var mostStarting = 0
    /// Whether programs begin as soon as they are launched.
    var spawnsAtOnce = true
    /// Whether a signal ends its process.
    var obeys = true

    private let names: [InstanceID: String]
    /// The same the other way round, in the order of the services.
    private let instances: [(name: String, id: InstanceID)]
    private var watch: FleetWatch?
    private var spawns: [(instance: InstanceID, attempt: UInt64)] = []
    private var queue: [FleetAction] = []
    private var next = 0
    private var isPerforming = false

    /// Watching every step costs as much as the fleet is large.
    init(_ members: [Fleet.Member], startParallelism: Int = 64, isWatched: Bool = true) throws {
        fleet = try Fleet(members, startParallelism: startParallelism, now: now)
        let words = members.flatMap { member in
            let name = member.relations.name.rawValue
            return member.instances == 1 ? [name] : (1...member.instances).map { "\(name)@\($0)" }
        }
        instances = zip(words, fleet.allInstances).map { (name: $0, id: $1) }
        names = Dictionary(uniqueKeysWithValues: instances.map { ($0.id, $0.name) })
        if isWatched { watch = FleetWatch(fleet) }
    }

    // MARK: Orders

    func boot() { act { $0.startEnabled(now: $1, random: { 0.5 }, into: &$2) } }
    func start(_ names: String...) {
        let places = places(names)
        act { $0.start(places, cause: Self.order, now: $1, random: { 0.5 }, into: &$2) }
    }
    func stop(_ names: String...) {
        let places = places(names)
        act { $0.stop(places, cause: Self.order, now: $1, random: { 0.5 }, into: &$2) }
    }
    func restart(_ names: String...) {
        let places = places(names)
        act { $0.restart(places, cause: Self.order, now: $1, random: { 0.5 }, into: &$2) }
    }
    func stopAll() { act { $0.stopAll(cause: .drain, now: $1, random: { 0.5 }, into: &$2) } }
    func killAll() { act { $0.killAll(now: $1, random: { 0.5 }, into: &$2) } }
    func hold() { act { $0.holdLaunches(cause: .drain, now: $1, random: { 0.5 }, into: &$2) } }

    static let order = Cause.order(uid: 1000, pid: 42)

    // MARK: Events

    func send(_ event: ServiceEvent, to name: String) {
        let place = place(name)
        act { $0.handle(event, of: place, now: $1, random: { 0.5 }, into: &$2) }
    }

    /// The main process of `name` ends, with nothing left behind.
    func end(_ name: String, _ outcome: ExitOutcome) { end(place(name), outcome) }

    func end(_ instance: InstanceID, _ outcome: ExitOutcome) {
        let attempt = fleet[instance].attempt
        act { $0.handle(.exited(attempt: attempt, outcome), of: instance, now: $1, random: { 0.5 }, into: &$2) }
    }

    /// The backoff of an instance is over.
    func comeBack(_ instance: InstanceID) {
        if let deadline = fleet[instance].deadline, deadline > now { now = deadline }
        act { $0.handle(.timer, of: instance, now: $1, random: { 0.5 }, into: &$2) }
    }

    /// The programs that were launched begin.
    func spawnAll() {
        var done = 0
        while done < spawns.count {
            let (instance, attempt) = spawns[done]
            done += 1
            guard fleet[instance].wantsSpawn(of: attempt) else { continue }
            note(watch?.began(instance, attempt: attempt, fleet: fleet) ?? [])
            act {
                $0.handle(
                    .spawned(attempt: attempt, pid: Int32(1000 + instance.slot)), of: instance, now: $1,
                    random: { 0.5 },
                    into: &$2)
            }
        }
        spawns.removeAll(keepingCapacity: true)
    }

    /// Lets the time pass up to the deadline of `name`, and tells it.
    func runTimer(of name: String) {
        if let deadline = self[name].deadline, deadline > now { now = deadline }
        send(.timer, to: name)
    }

    func pass(_ time: Duration) { now = now.advanced(by: time) }

    // MARK: Looking

    subscript(_ name: String) -> ServiceMachine { fleet[place(name)] }

    /// `web RUNNING, db STOPPED`
    var states: String {
        instances.map { "\($0.name) \(fleet[$0.id].state.rawValue)" }.joined(separator: ", ")
    }

    func takeLaunched() -> [String] { take(&launched) }
    func takeTold() -> [String] { take(&told) }
    func takeEnded() -> [String] { take(&ended) }

    private func take(_ list: inout [String]) -> [String] {
        defer { list = [] }
        return list
    }

    func place(_ name: String) -> InstanceID {
        guard let found = instances.first(where: { $0.name == name }) else {
            preconditionFailure("no instance '\(name)'")
        }
        return found.id
    }

    private func places(_ wanted: [String]) -> [InstanceID] { wanted.map(place) }

    // MARK: The world

    private func act(_ body: (Fleet, MonotonicInstant, inout [FleetAction]) -> Void) {
        var actions: [FleetAction] = []
        body(fleet, now, &actions)
        note(watch?.check(fleet, after: actions) ?? [])
        if watch != nil {
            mostStarting = max(mostStarting, fleet.machines.reduce(0) { $0 + ($1.phase == .starting ? 1 : 0) })
        }
        queue += actions
        // What an action leads to waits for its turn: a chain of ten thousand needs no stack.
        guard !isPerforming else { return }
        isPerforming = true
        repeat {
            while next < queue.count {
                next += 1
                perform(queue[next - 1])
            }
            if spawnsAtOnce { spawnAll() }
        } while next < queue.count
        queue.removeAll(keepingCapacity: true)
        next = 0
        isPerforming = false
    }

    private func perform(_ action: FleetAction) {
        switch action {
        case .perform(let instance, .spawn(let attempt)):
            launched.append(names[instance] ?? "?")
            spawns.append((instance, attempt))
        case .perform(let instance, .signalGroup(let signal)), .perform(let instance, .signalMain(let signal)):
            guard signal != .cont else { return }
            told.append(names[instance] ?? "?")
            guard obeys || signal == .kill, fleet[instance].pid != nil else { return }
            end(instance, .signaled(signal, coreDumped: false))
        case .perform(let instance, .examineTree(let attempt)):
            watch?.gone(instance)
            act {
                $0.handle(
                    .treeExamined(attempt: attempt, remaining: 0), of: instance, now: $1, random: { 0.5 }, into: &$2)
            }
        case .essentialEnded(let instance): ended.append(names[instance] ?? "?")
        case .perform, .deadline, .changed, .blocked, .gaveUpWaiting, .retired: break
        }
    }

    private func note(_ faults: [String]) {
        for fault in faults { Issue.record("\(fault)") }
    }
}

extension Fleet.Member {
    /// A service and what it says of others.
    static func service(
        _ name: String, requires: [String] = [], wants: [String] = [], after: [String] = [], before: [String] = [],
        bindsTo: [String] = [], partOf: [String] = [], instances: Int = 1, _ settings: ServiceSettings = .plain()
    ) -> Fleet.Member {
        Fleet.Member(
            relations: ServiceRelations(
                name: .named(name), requires: requires.map(ServiceName.named), wants: wants.map(ServiceName.named),
                after: after.map(ServiceName.named), before: before.map(ServiceName.named),
                bindsTo: bindsTo.map(ServiceName.named), partOf: partOf.map(ServiceName.named)),
            settings: settings, instances: instances)
    }
}
