import SupdEngine
import SupdPlugin

/// What orders wait for, as the fleet has it.
extension Fleet {
    /// Whether one of the instances of a waiter, by its place, is where that waits for it to be, or will not come there.
    func isSettled(_ place: Int, of waiter: Waiter) -> Bool {
        let instance = waiter.instances[place]
        // What was removed has no way to go.
        guard contains(instance) else { return true }
        let machine = self[instance]
        switch waiter.goal {
        case .applied(let plan): return isSettled(instance, after: plan.attempts[instance])
        case .down: return !machine.isLive || machine.isWantedUpAgain
        case .scaled: return isDeparting(instance) ? !machine.isLive : isUpOrFailed(instance)
        case .drained, .answered: return false
        case .reloaded(let states):
            if case .ended = states[place] { return true }
            return false
        case .up(let attempts):
            let attempt = attempts.isEmpty ? 0 : attempts[place]
            guard machine.attempt != attempt || attempt == 0 || machine.isWantedUpAgain else {
                // The attempt that was to be replaced is still there, or another order has stopped it for good.
                return !machine.isLive && machine.desired == .down
            }
            return isUpOrFailed(instance)
        }
    }

    /// Whether an instance is where a configuration wants it, which has replaced the attempt of that number where it has one.
    func isSettled(_ instance: InstanceID, after attempt: UInt64?) -> Bool {
        let machine = self[instance]
        if isDeparting(instance) { return !machine.isLive }
        if attempt == machine.attempt, machine.isLive { return false }
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
    private func isLacking(_ instance: InstanceID) -> Bool {
        let machine = self[instance]
        return !machine.isUp && !(machine.phase == .exited && machine.endedWithSuccess)
    }
}

extension ServiceMachine {
    /// It is to stay up, as a later order took a stop back or came after it.
    fileprivate var isWantedUpAgain: Bool {
        switch phase {
        case .starting, .running: desired == .up && !stopRequested
        case .stopped, .waiting, .backoff, .stopping, .exited, .fatal: false
        }
    }
}
