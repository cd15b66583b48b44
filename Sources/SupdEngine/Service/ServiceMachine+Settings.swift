import SupdPlugin

extension ServiceMachine {
    /// Goes on by other settings. What is under way keeps its place: the step of a stop, a backoff, an errand; the times of a start and of a
    /// run are counted by the new ones from when they began.
    mutating func replaceSettings(
        by new: ServiceSettings, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        let (old, before) = (settings, state)
        settings = new
        switch phase {
        case .starting where startErrand != nil: break
        // Nobody asks any more whether it is ready, or it has been up for as long as it has to be.
        case .starting where pid != nil && new.type != .oneshot && (provesUptime || !new.awaitsReadiness):
            hasBegun(now: now, into: &actions)
        case .starting where old.timeoutStart != new.timeoutStart:
            let limit = new.timeoutStart ?? (spawnIsPending ? spawnLimit : nil)
            deadlines.start = limit.map(startedAt.advanced(by:))
        case .running:
            if old.runtimeMax != new.runtimeMax { deadlines.runtime = new.runtimeMax.map(since.advanced(by:)) }
            if old.watchdog != new.watchdog { deadlines.watchdog = watchdogLimit.map(now.advanced(by:)) }
        // The look at what is left that this mode goes by was taken in another, where it proved nothing.
        case .stopping(let stop) where new.killMode == .process && old.killMode != .process && !stop.mainAlive:
            actions.append(.examineTree(attempt: attempt))
        case .stopped, .waiting, .starting, .backoff, .stopping, .exited, .fatal: break
        }
        if state != before { since = now }
    }
}
