import EngineChecks
import SupdEngine
import SupdPlugin
import TestChance

/// One machine, and events in any order at all: also such as the world would never send.
struct MachineRun: RandomRun {
    private(set) var trace: [String] = []
    private var random: SeededRandom
    private let isTraced: Bool
    private var machine: ServiceMachine
    private var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var actions: [ServiceAction] = []

    init(random: SeededRandom, isTraced: Bool) {
        self.random = random
        self.isTraced = isTraced
        machine = ServiceMachine(settings: self.random.pick(RandomSettings.all), now: now)
    }

    mutating func run() -> [String] {
        for _ in 0..<10 + random.below(31) {
            passTime()
            let faults = step(nextEvent())
            if !faults.isEmpty { return faults }
        }
        return []
    }

    private mutating func step(_ event: ServiceEvent) -> [String] {
        let before = machine
        actions.removeAll(keepingCapacity: true)
        machine.handle(event, now: now, random: random.unit(), into: &actions)
        if isTraced { trace.append("\(now.nanoseconds / 1_000_000) ms: \(event) → \(machine.phase), \(actions)") }
        var faults = machine.faults()
        if let until = machine.nextStartAt, until.duration(since: now) > RestartDecision.longestDelay {
            faults.append("no wait is longer than a day: \(until.duration(since: now).text)")
        }
        return faults + MachineRules.faults(of: event, before: before, after: machine, actions: actions)
    }

    private mutating func passTime() {
        switch random.below(8) {
        case 0..<4: break
        case 4, 5: now = now.advanced(by: .milliseconds(random.below(2_000)))
        default:
            if let deadline = machine.deadline, deadline > now { now = deadline }
        }
    }

    private mutating func nextEvent() -> ServiceEvent {
        switch random.below(28) {
        case 0, 1: return .start(.boot)
        case 2: return .stop(.drain)
        case 3: return .restart(.boot)
        case 4: return random.chance(20) ? .resetFailed(.reset(uid: 0, pid: 1)) : .launch
        case 5...7: return .launch
        case 8, 9: return .beginStop
        case 10, 11: return .spawned(attempt: someAttempt(), pid: 7)
        case 12: return .spawnFailed(attempt: someAttempt(), random.chance(50) ? .shortage : .missing)
        case 13, 14: return .exited(attempt: someAttempt(), random.chance(50) ? .success : .failure)
        case 15...17: return .treeExamined(attempt: someAttempt(), remaining: random.chance(60) ? 0 : 2)
        case 18: return .timer
        case 19, 20:
            return .errandEnded(
                attempt: someAttempt(), random.pick(Errand.allCases), failure: random.pick([nil, nil, .failure]))
        case 21, 22: return .becameReady(attempt: someAttempt())
        case 24: return .spawnPending(attempt: someAttempt())
        case 23: return .becameUnhealthy(attempt: someAttempt())
        case 25, 26:
            let times: [Duration] = [.zero, .milliseconds(100), .seconds(3), .seconds(1 << 40)]
            return .notified(
                attempt: someAttempt(),
                random.pick([
                    .alive, .alive, .failing, .watchdog(every: random.pick(times)), .needsTime(random.pick(times)),
                    .mainProcess(4_000_000),
                ]))
        default: return random.chance(20) ? .kill : .timer
        }
    }

    private mutating func someAttempt() -> UInt64 {
        guard random.chance(15) else { return machine.attempt }
        return machine.attempt &+ UInt64(truncatingIfNeeded: random.below(5) - 2)
    }
}
