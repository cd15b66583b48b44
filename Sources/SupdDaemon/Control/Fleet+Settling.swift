import SupdEngine
import SupdPlugin

/// What orders wait for, as the fleet has it.
extension Fleet {
    /// Whether one of the instances of a waiter, by its place, is where that waits for it to be, or will not come there.
    func isSettled(_ place: Int, of waiter: Waiter) -> Bool {
        let instance = waiter.instances[place]
        // What was removed has no way to go.
        guard contains(instance) else { return true }
        switch waiter.goal {
        case .applied(let plan): return isSettled(instance, after: plan.attempts[instance])
        case .down: return self[instance].hasGoneDown
        case .scaled: return isDeparting(instance) ? !self[instance].isLive : isUpOrFailed(instance)
        case .drained, .answered: return false
        case .reloaded(let states):
            if case .ended = states[place] { return true }
            return false
        case .up(let attempts):
            let attempt = attempts.isEmpty ? 0 : attempts[place]
            // The attempt that was to be replaced is still there, or another order has stopped it for good; or there will be no other.
            if self[instance].isStill(attempt) {
                return self[instance].isDownForGood || isHopeless(instance)
            }
            return isUpOrFailed(instance)
        }
    }

    /// Whether an instance is where a configuration wants it, which has replaced the attempt of that number where it has one.
    func isSettled(_ instance: InstanceID, after attempt: UInt64?) -> Bool {
        if isDeparting(instance) { return !self[instance].isLive }
        if let attempt, self[instance].isLive(in: attempt) { return false }
        return isUpOrFailed(instance)
    }

    private func isUpOrFailed(_ instance: InstanceID) -> Bool {
        switch self[instance].phase {
        case .running: !self[instance].stopRequested
        case .exited, .fatal, .backoff, .stopped: true
        case .waiting: isBlocked(instance)
        case .starting, .stopping: false
        }
    }

    /// Whether the order of `waiter` has failed for one of its instances.
    func hasFailed(_ place: Int, of waiter: Waiter) -> Bool {
        let instance = waiter.instances[place]
        switch waiter.goal {
        case .down: return contains(instance) && self[instance].isLive
        case .up: return contains(instance) && isLacking(instance)
        case .scaled: return hasFailed(instance)
        case .applied, .drained, .answered, .reloaded: return false
        }
    }

    /// Whether an instance is not as it should be: one that is to go is live, or another one is not up.
    func hasFailed(_ instance: InstanceID) -> Bool {
        guard contains(instance) else { return false }
        return isDeparting(instance) ? self[instance].isLive : isLacking(instance)
    }

    /// Whether an instance is neither up nor done with what it was to do.
    private func isLacking(_ instance: InstanceID) -> Bool { self[instance].isLacking }
}

/// Each is one look at a machine in its place.
extension ServiceMachine {
    /// A stop of it is over, or is not wanted any more.
    fileprivate var hasGoneDown: Bool { !isLive || isWantedUpAgain }

    /// It is in the attempt of that number yet, and will not stay in it; never in that of number 0.
    fileprivate func isStill(_ attempt: UInt64) -> Bool {
        self.attempt == attempt && attempt != 0 && !isWantedUpAgain
    }

    fileprivate var isDownForGood: Bool { !isLive && desired == .down }

    fileprivate func isLive(in attempt: UInt64) -> Bool { self.attempt == attempt && isLive }

    /// Neither up nor done with what it was to do.
    fileprivate var isLacking: Bool { !isUp && !(phase == .exited && endedWithSuccess) }

    /// It is to stay up, as a later order took a stop back or came after it.
    fileprivate var isWantedUpAgain: Bool {
        switch phase {
        case .starting, .running: desired == .up && !stopRequested
        case .stopped, .waiting, .backoff, .stopping, .exited, .fatal: false
        }
    }
}
