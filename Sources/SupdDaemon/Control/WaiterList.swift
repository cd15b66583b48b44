import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// A request whose answer waits for something to become true.
struct Waiter {
    /// What it waits for.
    enum Goal {
        /// Each instance up, or failed. The attempt that each had when the order came, where it must be a new one; empty where it
        /// need not.
        case up(after: [UInt64])
        /// No instance live.
        case down
        /// Those that were scaled away not live, the others up, or failed.
        case scaled
        /// A configuration carried out: each instance up or failed by it, or gone.
        case applied(AppliedPlan)
        /// The drain's report; of one that ends the daemon, or of one that may hold.
        case drained(exits: Bool)
        /// A plugin's answer.
        case answered
        /// Each instance reloaded, or not.
        case reloaded([ReloadState])
    }

    var slot: Int
    var id: RequestID
    var goal: Goal
    /// The instances of the order, in the order of the answer.
    var instances: [InstanceID]
    /// What the order was refused of, at the end of the answer.
    var refused: RefusedInstances?
    /// How many of `instances`, from the front, are known to be done.
    var settled = 0
    /// The work that is to answer it.
    var work: WorkID?

    /// Whether it waits for services.
    var isOfServices: Bool {
        switch goal {
        case .up, .down, .scaled, .applied, .reloaded: true
        case .drained, .answered: false
        }
    }
}

/// A configuration that was put into effect, and whose answer waits for what it has set going.
final class AppliedPlan {
    let reply: EncodedPlan
    /// The attempts that it replaces, by instance.
    let attempts: [InstanceID: UInt64]

    init(reply: EncodedPlan, attempts: [InstanceID: UInt64]) {
        self.reply = reply
        self.attempts = attempts
    }
}

/// The requests that wait, by number.
struct WaiterList {
    private(set) var waiters: [Int: Waiter] = [:]
    private var next = 0
    /// Those that wait for an instance, as the first of theirs that is not done.
    private var byInstance: [InstanceID: Set<Int>] = [:]
    /// Reloads that somebody waits for.
    private var reloads: [ReloadKey: (waiter: Int, place: Int)] = [:]

    mutating func add(_ waiter: Waiter) -> Int {
        next += 1
        waiters[next] = waiter
        note(next, waiter, isThere: true)
        return next
    }

    mutating func remove(_ number: Int) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: number) else { return nil }
        note(number, waiter, isThere: false)
        return waiter
    }

    /// Those that something of this instance may make come true, the oldest first.
    func waiting(for instance: InstanceID) -> [Int] { byInstance[instance]?.sorted() ?? [] }

    /// What a connection waits for.
    func numbers(of slot: Int) -> [Int] { waiters.filter { $0.value.slot == slot }.map(\.key) }

    mutating func setWork(_ work: WorkID, of number: Int) { waiters[number]?.work = work }

    /// Has the end of a reload belong to a place of what a waiter waits for.
    mutating func expectReload(_ reload: ReloadKey, _ number: Int, at place: Int) { reloads[reload] = (number, place) }

    mutating func takeReload(_ reload: ReloadKey) -> (waiter: Int, place: Int)? { reloads.removeValue(forKey: reload) }

    /// Notes how the reload of one instance stands.
    mutating func setReload(_ state: ReloadState, of number: Int, at place: Int) {
        guard var waiter = waiters[number], case .reloaded(var states) = waiter.goal else { return }
        // Not copied while it is changed.
        waiters[number] = nil
        waiter.goal = .answered
        states[place] = state
        waiter.goal = .reloaded(states)
        waiters[number] = waiter
    }

    mutating func setSettled(_ settled: Int, of number: Int) {
        guard var waiter = waiters[number], waiter.settled != settled else { return }
        note(number, waiter, isThere: false)
        waiter.settled = settled
        waiters[number] = waiter
        note(number, waiter, isThere: true)
    }

    private mutating func note(_ number: Int, _ waiter: Waiter, isThere: Bool) {
        guard waiter.isOfServices, waiter.settled < waiter.instances.count else { return }
        let instance = waiter.instances[waiter.settled]
        if isThere {
            byInstance[instance, default: []].insert(number)
        } else {
            byInstance[instance]?.remove(number)
            if byInstance[instance]?.isEmpty == true { byInstance[instance] = nil }
        }
    }
}
