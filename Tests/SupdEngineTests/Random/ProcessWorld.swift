import SupdEngine
import SupdPlugin
import TestChance

/// A tiny model of the processes of a fleet: what a host would answer, and when.
struct ProcessWorld {
    struct Answer {
        enum Kind {
            case spawn
            /// A spawn that hung is back.
            case lateSpawn(fails: Bool)
            case exit(ExitOutcome)
            case examine
            case leftoversEnd
            case errandEnd(Errand, failure: ExitOutcome?)
            case ready, unhealthy
        }

        var kind: Kind
        var instance: InstanceID
        var attempt: UInt64
        var at: MonotonicInstant
    }

    private struct Tree {
        var attempt: UInt64
        var isMainAlive = true
        /// Signals but SIGKILL are for others.
        var isDeaf: Bool
        /// Stopped: sees nothing but SIGKILL before it is continued.
        var isStopped: Bool
        var pending: Signal?
        var leftovers = 0
    }

    private var trees = IdentityMap<InstanceID, Tree>()
    /// The attempts whose spawns hang.
    private var hung = IdentityMap<InstanceID, UInt64>()
    private var answers: [Answer] = []
    /// Hooks that never end.
    private var hanging: [Answer] = []
    /// No more crashes, failures and leftovers.
    private(set) var isCalm = false

    /// The next answer's place and time.
    var next: (place: Int, at: MonotonicInstant)? {
        guard var first = answers.indices.first else { return nil }
        for place in answers.indices where answers[place].at < answers[first].at { first = place }
        return (first, answers[first].at)
    }

    mutating func take(_ place: Int) -> Answer { answers.remove(at: place) }

    private mutating func answer(
        _ kind: Answer.Kind, _ instance: InstanceID, _ attempt: UInt64, after milliseconds: Int, now: MonotonicInstant
    ) {
        answers.append(
            Answer(kind: kind, instance: instance, attempt: attempt, at: now.advanced(by: .milliseconds(milliseconds))))
    }

    // MARK: Spawns that hang

    mutating func hang(_ instance: InstanceID, attempt: UInt64, now: MonotonicInstant, random: inout SeededRandom) {
        hung[instance] = attempt
        // Some come back only when they are told to end.
        guard random.chance(70) else { return }
        answer(.lateSpawn(fails: random.chance(30)), instance, attempt, after: random.below(5_000), now: now)
    }

    /// False where it is back already.
    mutating func comesBack(_ instance: InstanceID, attempt: UInt64) -> Bool {
        guard hung[instance] == attempt else { return false }
        hung[instance] = nil
        return true
    }

    // MARK: Processes

    mutating func begin(
        _ instance: InstanceID, attempt: UInt64, _ settings: ServiceSettings, now: MonotonicInstant,
        random: inout SeededRandom
    ) {
        trees[instance] = Tree(
            attempt: attempt, isDeaf: random.chance(20), isStopped: random.chance(10))
        if settings.awaitsReadiness {
            let isReady = isCalm || random.chance(80)
            answer(.ready, instance, attempt, after: isReady ? random.below(3_000) : 100_000, now: now)
        }
        if !isCalm, random.chance(20) { answer(.unhealthy, instance, attempt, after: random.below(4_000), now: now) }
        let endsByItself = settings.type == .oneshot ? isCalm || random.chance(85) : !isCalm && random.chance(40)
        guard endsByItself else { return }
        let outcome = isCalm || random.chance(50) ? ExitOutcome.success : .failure
        answer(.exit(outcome), instance, attempt, after: random.below(3_000), now: now)
    }

    /// The main process has ended. False where it had already.
    mutating func end(_ instance: InstanceID, attempt: UInt64, random: inout SeededRandom) -> Bool {
        guard var tree = trees[instance], tree.attempt == attempt, tree.isMainAlive else { return false }
        tree.isMainAlive = false
        tree.leftovers = !isCalm && random.chance(25) ? 1 + random.below(3) : 0
        trees[instance] = tree
        return true
    }

    func left(_ instance: InstanceID, attempt: UInt64) -> Int {
        guard let tree = trees[instance], tree.attempt == attempt else { return 0 }
        return tree.leftovers
    }

    /// The tree is proved gone. False where another attempt's is there.
    mutating func forget(_ instance: InstanceID, attempt: UInt64) -> Bool {
        guard trees[instance]?.attempt == attempt, trees[instance]?.isMainAlive == false else { return false }
        trees[instance] = nil
        return true
    }

    /// What was left behind has ended; the host looks at the tree again.
    mutating func endLeftovers(_ instance: InstanceID, attempt: UInt64, now: MonotonicInstant) {
        guard trees[instance]?.attempt == attempt else { return }
        trees[instance]?.leftovers = 0
        answer(.examine, instance, attempt, after: 0, now: now)
    }

    /// From now on every process behaves: what runs and must end does, and signals are obeyed.
    mutating func calm(_ fleet: Fleet, now: MonotonicInstant) {
        isCalm = true
        // Whoever runs the hooks gives up on them in the end.
        for hook in hanging { answer(hook.kind, hook.instance, hook.attempt, after: 8_000, now: now) }
        hanging = []
        for instance in hung.ids {
            answer(.lateSpawn(fails: false), instance, hung[existing: instance], after: 1_000, now: now)
        }
        for instance in Array(trees.ids) {
            guard let tree = trees[instance] else { continue }
            trees[instance]?.isDeaf = false
            if tree.isMainAlive { answer(.ready, instance, tree.attempt, after: 1_000, now: now) }
            guard tree.isMainAlive, fleet[instance].settings.type == .oneshot else { continue }
            answer(.exit(.success), instance, tree.attempt, after: 1_000, now: now)
        }
    }

    // MARK: Actions

    mutating func perform(
        _ action: ServiceAction, on instance: InstanceID, now: MonotonicInstant, random: inout SeededRandom
    ) {
        switch action {
        case .requestLaunch, .requestStop: break
        case .dropErrand: break
        case .runErrand(let attempt, let errand):
            let failure: ExitOutcome? =
                isCalm || random.chance(75) ? nil : random.pick([.failure, .spawnFailed(.shortage)])
            let end = Answer.Kind.errandEnd(errand, failure: failure)
            guard isCalm || random.chance(90) else {
                hanging.append(Answer(kind: end, instance: instance, attempt: attempt, at: now))
                return
            }
            answer(end, instance, attempt, after: random.chance(50) ? 0 : random.below(8_000), now: now)
        case .spawn(let attempt):
            answer(.spawn, instance, attempt, after: random.chance(50) ? 0 : random.below(200), now: now)
        case .examineTree(let attempt):
            answer(.examine, instance, attempt, after: random.chance(70) ? 0 : random.below(500), now: now)
        case .signalMain(let signal), .signalGroup(let signal):
            signalMain(signal, instance, now: now, random: &random)
        case .signalTree(let signal):
            signalMain(signal, instance, now: now, random: &random)
            guard let tree = trees[instance], tree.leftovers > 0, signal == .kill || !tree.isDeaf else { return }
            // A kill that has to be repeated.
            let isSlow = signal == .kill ? random.chance(20) : random.chance(50)
            answer(.leftoversEnd, instance, tree.attempt, after: isSlow ? 1_000 : random.below(20), now: now)
        }
    }

    private mutating func signalMain(
        _ signal: Signal, _ instance: InstanceID, now: MonotonicInstant, random: inout SeededRandom
    ) {
        if let attempt = hung[instance] {
            // Its program may have begun in the same moment.
            return answer(.lateSpawn(fails: random.chance(80)), instance, attempt, after: random.below(1_500), now: now)
        }
        guard var tree = trees[instance], tree.isMainAlive else { return }
        defer { trees[instance] = tree }
        var seen = signal
        if signal == .cont {
            tree.isStopped = false
            guard let pending = tree.pending else { return }
            tree.pending = nil
            seen = pending
        } else if tree.isStopped, signal != .kill {
            tree.pending = signal
            return
        }
        guard seen == .kill || !tree.isDeaf else { return }
        let time = seen == .kill ? (random.chance(10) ? 1_500 : random.below(10)) : random.below(1_500)
        answer(.exit(.signaled(seen, coreDumped: false)), instance, tree.attempt, after: time, now: now)
    }
}
