import SupdEngine
import SupdPlugin
import Testing

/// The registry and the drain together, as the supervisor has them, in virtual time.
private struct RegistryDrain {
    static let budget = DrainBudget(
        timeout: .seconds(60), quiesce: .seconds(5), jobs: .seconds(10), services: .seconds(40), flush: .seconds(5))

    var registry = TaskRegistry()
    var machine = DrainMachine(budget: budget)
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    let start = MonotonicInstant(nanoseconds: 1_000_000_000)
    /// When each task ends by itself once it is told; nil for never.
    var obedience: [TaskID: Duration] = [:]
    private var due: [TaskID: MonotonicInstant] = [:]

    mutating func register(_ name: String, _ phase: DrainPhase, obeysAfter: Duration?) throws(RegistrationRefusal) {
        let id = try registry.register(TaskTitle(name), kind: .job, phase: phase, now: now)
        obedience[id] = obeysAfter
    }

    mutating func begin() {
        registry.beginDrain()
        perform(machine.begin(exits: true, now: now))
    }

    mutating func escalate() { perform(machine.escalate(now: now)) }

    /// Walks on until `instant`, or to the end where there is none given.
    mutating func walk(until instant: MonotonicInstant? = nil) {
        for _ in 0..<1_000_000 {
            for (id, time) in due where time <= now {
                registry.complete(id)
                due[id] = nil
            }
            let actions = machine.advance(now: now) { [registry] in registry.count(in: $0) }
            perform(actions)
            guard actions.isEmpty else { continue }
            guard machine.stage != .finished else { return }
            let next = [machine.deadline, due.values.min()].compactMap { $0 }.min()
            guard let next, instant.map({ next <= $0 }) ?? true else {
                if let instant { now = instant }
                return
            }
            now = max(now, next)
        }
        Issue.record("the walk has no end")
    }

    private mutating func perform(_ actions: [DrainAction]) {
        for action in actions {
            switch action {
            case .enter(let phase, let until): registry.setDeadline(until, of: phase)
            case .cancel(let phase, let until):
                for task in registry.cancel(phase: phase, deadline: until) {
                    if let delay = obedience[task.id] { due[task.id] = now.advanced(by: delay) }
                }
            case .abandon(let phase): for task in registry.abandon(phase: phase) { due[task.id] = nil }
            case .finish: registry.close()
            case .announce, .killEverything, .hold: break
            }
        }
    }
}

@Suite struct RegistryDrainTests {
    @Test func tenThousandTasksAreAllAccountedForByTheDeadline() throws {
        var drain = RegistryDrain()
        let phases: [DrainPhase] = [.quiesce, .jobs, .services, .flush]
        for number in 0..<10_000 {
            // Every tenth never ends, every other takes up to twice its grace.
            let obeys = number % 10 == 0 ? nil : Duration.milliseconds(number % 6_000)
            try drain.register("task \(number)", phases[number % 4], obeysAfter: obeys)
        }
        drain.begin()
        drain.walk()
        // Also where the graces of the first phases have used up time of the others', each is told before it is given up.
        #expect(drain.machine.stage == .finished)
        #expect(drain.now.duration(since: drain.start) <= .seconds(60))
        #expect(drain.registry.count == 0)
        #expect(drain.registry.cancelledInDrain == 10_000)
        #expect(drain.registry.completedInDrain + drain.registry.abandoned.count == 10_000)
        #expect(drain.registry.abandoned.count > 5_000 / 2)
        #expect(Set(drain.registry.abandoned.map(\.name)).count == drain.registry.abandoned.count)
    }

    @Test func aSecondSignalAtAnyBoundaryOfAnyPhaseEndsTheDrainInFiveSeconds() throws {
        func stubborn() throws -> RegistryDrain {
            var drain = RegistryDrain()
            for phase in [DrainPhase.quiesce, .jobs, .services, .flush] {
                try drain.register("stuck in \(phase.name)", phase, obeysAfter: nil)
            }
            drain.begin()
            return drain
        }
        // The instants at which a whole walk does something.
        var boundaries: [Duration] = []
        var whole = try stubborn()
        whole.walk(until: whole.start)
        while whole.machine.stage != .finished {
            boundaries.append(whole.now.duration(since: whole.start))
            guard let next = whole.machine.deadline else { break }
            whole.walk(until: next)
        }
        #expect(boundaries.count >= 8)
        for boundary in Set(boundaries).sorted() {
            for offset in [Duration.nanoseconds(-1), .zero, .nanoseconds(1)] where boundary + offset >= .zero {
                var drain = try stubborn()
                drain.walk(until: drain.start.advanced(by: boundary + offset))
                guard drain.machine.stage != .finished else { continue }
                let signal = drain.now
                drain.escalate()
                drain.walk()
                #expect(drain.machine.stage == .finished, "\(boundary) \(offset)")
                #expect(drain.now.duration(since: signal) <= .seconds(5), "\(boundary) \(offset)")
                #expect(drain.registry.abandoned.count == 4, "\(boundary) \(offset)")
            }
        }
    }

    @Test func aChildThatArrivesWhenEverythingIsClosedAndEmptyIsRefused() throws {
        var drain = RegistryDrain()
        let parent = try drain.registry.register("parent", kind: .job, phase: .jobs, now: drain.now)
        drain.begin()
        drain.walk(until: drain.start)
        #expect(drain.machine.stage == .phase(.jobs))
        drain.registry.complete(parent)
        // Empty, and the walk has not looked yet: the child of one that has ended makes it no longer.
        #expect(throws: RegistrationRefusal.shuttingDown) {
            try drain.registry.register("late", kind: .job, phase: .jobs, parent: parent, now: drain.now)
        }
        drain.walk()
        #expect(drain.machine.stage == .finished && drain.registry.count == 0)
        #expect(throws: RegistrationRefusal.shuttingDown) {
            try drain.registry.register("later", kind: .job, phase: .jobs, parent: parent, isOwn: true, now: drain.now)
        }
    }

    @Test func aChildOfALivingTaskKeepsItsPhaseOpen() throws {
        var drain = RegistryDrain()
        let parent = try drain.registry.register("parent", kind: .job, phase: .jobs, now: drain.now)
        drain.begin()
        drain.walk(until: drain.start)
        // The child comes first, and then the parent goes: the phase is never seen empty between the two.
        let child = try drain.registry.register("child", kind: .job, phase: .flush, parent: parent, now: drain.now)
        drain.registry.complete(parent)
        drain.walk(until: drain.start)
        #expect(drain.machine.stage == .phase(.jobs))
        #expect(drain.registry.record(child)?.phase == .jobs)
        drain.registry.complete(child)
        drain.walk()
        #expect(drain.registry.abandoned == [] && drain.machine.stage == .finished)
    }
}
