import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// A request whose answer waits for something to become true.
struct Waiter {
    /// What it waits for.
    enum Goal {
        /// Each instance up, or failed. The attempt that each had when the order came, where it must be a new one.
        case up(after: [UInt64])
        /// No instance live.
        case down
        /// Those that were scaled away not live, the others up, or failed.
        case scaled
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
    var instances: [Int]
    /// How many of `instances`, from the front, are known to be done.
    var settled = 0
    /// The work that is to answer it.
    var work: WorkID?

    /// Whether it waits for services.
    var isOfServices: Bool {
        switch goal {
        case .up, .down, .scaled, .reloaded: true
        case .drained, .answered: false
        }
    }
}

/// The requests that wait, by number.
struct WaiterList {
    private(set) var waiters: [Int: Waiter] = [:]
    private var next = 0

    mutating func add(_ waiter: Waiter) -> Int {
        next += 1
        waiters[next] = waiter
        return next
    }

    mutating func remove(_ number: Int) -> Waiter? { waiters.removeValue(forKey: number) }

    /// Forgets what a connection waits for, and answers the work that was to bring it.
    mutating func removeAll(of slot: Int) -> [WorkID] {
        let removed = waiters.filter { $0.value.slot == slot }
        for number in removed.keys { waiters[number] = nil }
        return removed.values.compactMap(\.work)
    }

    mutating func setWork(_ work: WorkID, of number: Int) { waiters[number]?.work = work }

    /// Notes the end of a reload with every waiter that waits for it.
    mutating func setReload(_ number: Int, _ end: ReloadState) {
        for (key, waiter) in waiters {
            guard case .reloaded(var states) = waiter.goal else { continue }
            for place in states.indices {
                if case .running(number) = states[place] { states[place] = end }
            }
            waiters[key]?.goal = .reloaded(states)
        }
    }

    mutating func setSettled(_ settled: Int, of number: Int) { waiters[number]?.settled = settled }
}
