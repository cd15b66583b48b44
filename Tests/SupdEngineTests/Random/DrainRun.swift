import SupdEngine
import SupdPlugin
import TestChance

/// A drain over tasks that end when they like or never, with orders, signals and new tasks in any moment. However it
/// goes, it is over by its deadline, and no task is unaccounted for.
struct DrainRun: RandomRun {
    private(set) var trace: [String] = []
    private var random: SeededRandom
    private let isTraced: Bool
    private var registry = TaskRegistry()
    private var machine: DrainMachine
    private var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var faults: [String] = []

    private var known: [TaskID] = []
    private var registered = 0
    private var completed = 0
    private var entered: [DrainPhase] = []
    private var mustEndBy: MonotonicInstant?
    private let servicesBudget: Duration
    /// What was left when a second signal came before the services were told to go, and no force has come since.
    private var leftAtEscalation: Duration?

    init(random: SeededRandom, isTraced: Bool) {
        self.random = random
        self.isTraced = isTraced
        let timeout = 1 + self.random.below(60)
        func part(_ random: inout SeededRandom) -> Duration { .seconds(random.below(timeout + 5)) }
        let budget = DrainBudget(
            timeout: .seconds(timeout), quiesce: part(&self.random), jobs: part(&self.random),
            services: part(&self.random), flush: part(&self.random))
        servicesBudget = budget.services
        machine = DrainMachine(budget: budget)
    }

    mutating func run() -> [String] {
        for _ in 0..<self.random.below(8) { register() }
        for _ in 0..<10 + random.below(31) where faults.isEmpty { step() }
        var steps = 0
        while faults.isEmpty, machine.stage != .finished {
            steps += 1
            if steps > 100 { faults.append("the drain does not come to its end") }
            switch machine.stage {
            case .idle, .held: order("begin") { $0.begin(exits: true, now: $1) }
            default: passTime(to: machine.deadline)
            }
        }
        if faults.isEmpty, registry.count != 0 {
            faults.append("at the end \(registry.count) tasks are unaccounted for")
        }
        return faults
    }

    private mutating func step() {
        switch random.below(16) {
        case 0...3: register()
        case 4...6: complete()
        case 7: order("begin") { $0.begin(exits: true, now: $1) }
        case 8: order("begin and hold") { $0.begin(exits: false, now: $1) }
        case 9 where random.chance(30): escalate()
        case 10 where random.chance(15): force()
        case 11, 12: passTime(to: machine.deadline)
        default: passTime(to: now.advanced(by: .milliseconds(random.below(4_000))))
        }
    }

    // MARK: Tasks

    private mutating func register() {
        let parent = random.chance(50) && !known.isEmpty ? random.pick(known) : nil
        let phase = random.pick(DrainPhase.allCases)
        let parentRecord = parent.flatMap { id in registry.tasks.first { $0.id == id } }
        do throws(RegistrationRefusal) {
            let id = try registry.register("task", kind: .job, phase: phase, parent: parent, now: now)
            note("registers \(id) in \(phase)")
            known.append(id)
            registered += 1
            guard registry.gate != .open else { return }
            if registry.gate == .closed { faults.append("a task came in after the end") }
            guard let parentRecord else { return faults.append("a task without a live parent came into a drain") }
            if registry.tasks.first(where: { $0.id == id })?.phase != parentRecord.phase {
                faults.append("a child is not in its parent's phase")
            }
        } catch {
            note("is refused: \(error)")
            if registry.gate == .open { faults.append("a task was refused while the registry is open") }
        }
    }

    private mutating func complete() {
        guard !known.isEmpty else { return }
        let id = random.pick(known)
        let lived = registry.tasks.contains { $0.id == id }
        registry.complete(id)
        note("completes \(id)")
        if lived { completed += 1 }
        settle()
    }

    // MARK: Time and orders

    private mutating func passTime(to later: MonotonicInstant?) {
        guard let later else { return }
        // The timer of the drain is on time, whatever else is going on.
        now = min(max(now, later), machine.deadline.map { max($0, now) } ?? later)
        note("time passes")
        settle()
    }

    private mutating func escalate() {
        if case .phase(let phase) = machine.stage, phase < .services, !machine.forced, leftAtEscalation == nil {
            let left = machine.absoluteDeadline.duration(since: now)
            leftAtEscalation = min(left, DrainMachine.escalatedLimit)
        }
        order("escalate") { $0.escalate(now: $1) }
    }

    private mutating func force() {
        leftAtEscalation = nil
        let limit = now.advanced(by: .milliseconds(500))
        if machine.stage != .finished { mustEndBy = min(mustEndBy ?? limit, limit) }
        order("force") { $0.force(now: $1) }
    }

    private mutating func order(
        _ what: String, _ body: (inout DrainMachine, MonotonicInstant) -> [DrainAction]
    ) {
        let before = machine
        note(what)
        let actions = body(&machine, now)
        if before.stage == .idle, machine.stage != .idle { registry.beginDrain() }
        perform(actions)
        let mayBeLater = before.stage == .idle || before.stage == .held
        if !mayBeLater, machine.absoluteDeadline > before.absoluteDeadline {
            faults.append("\(what) made the end later")
        }
        if before.exits, before.stage != .idle, !machine.exits { faults.append("\(what) took the end back") }
        if before.stage == .finished, !actions.isEmpty { faults.append("\(what) after the end led to \(actions)") }
        settle()
    }

    private mutating func settle() {
        for _ in 0..<20 {
            let actions = machine.advance(now: now) { registry.count(in: $0) }
            perform(actions)
            if actions.isEmpty { return check() }
        }
        faults.append("the drain moves for ever in one moment")
    }

    private mutating func perform(_ actions: [DrainAction]) {
        for action in actions {
            note("    \(action)")
            switch action {
            case .enter(let phase, let until):
                if let last = entered.last, last >= phase { faults.append("\(phase) came after \(last)") }
                if until > machine.absoluteDeadline { faults.append("\(phase) may last longer than the whole") }
                if phase == .services, let left = leftAtEscalation,
                    until.duration(since: now) < min(servicesBudget, left * 4 / 10)
                {
                    faults.append("after a second signal the services have no time to go in peace")
                }
                entered.append(phase)
                registry.setDeadline(until, of: phase)
            case .cancel(let phase, let until): _ = registry.cancel(phase: phase, deadline: until)
            case .abandon(let phase): _ = registry.abandon(phase: phase)
            case .finish: registry.close()
            case .announce, .killEverything, .hold: break
            }
        }
    }

    private mutating func check() {
        let accounted = completed + registry.abandoned.count + registry.count
        if registered != accounted { faults.append("\(registered) tasks registered, \(accounted) accounted for") }
        let inPhases = DrainPhase.allCases.reduce(0) { $0 + registry.count(in: $1) }
        if inPhases != registry.count { faults.append("the counts of the phases are not the whole") }
        switch machine.stage {
        case .idle, .held, .finished:
            if machine.deadline != nil { faults.append("\(machine.stage) has a deadline") }
        case .phase(let phase):
            guard let deadline = machine.deadline else { return faults.append("\(phase) has no deadline") }
            if deadline > machine.absoluteDeadline { faults.append("\(phase) waits longer than the whole") }
            if deadline <= now { faults.append("\(phase) is over and still there") }
            if registry.count(in: phase) == 0 { faults.append("\(phase) is empty and still there") }
            if let mustEndBy, machine.absoluteDeadline > mustEndBy { faults.append("force does not end it in time") }
        }
    }

    private mutating func note(_ text: @autoclosure () -> String) {
        if isTraced { trace.append("\(now.nanoseconds / 1_000_000) ms, \(machine.stage): \(text())") }
    }
}
