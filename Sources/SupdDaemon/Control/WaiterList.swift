import SupdEngine
import SupdHost

/// The requests that wait, by number.
struct WaiterList {
    private(set) var waiters = [Int: Waiter]()
    private var next = 0
    /// Those that wait for an instance, as the first of theirs that is not done.
    private var byInstance = [InstanceID: Set<Int>]()
    /// Reloads that somebody waits for.
    private var reloads = [ReloadKey: (waiter: Int, place: Int)]()

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
