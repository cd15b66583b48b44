import SupdPlugin

extension ServiceMachine {
    /// Goes on by other settings. What is under way keeps its place: the step of a stop, a backoff, an errand; the times of a start and of a
    /// run are counted by the new ones from when they began.
    mutating func replaceSettings(
        by new: ServiceSettings, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        let old = settings
        settings = new
        switch phase {
        case .starting where provesUptime: deadline = startedAt.advanced(by: new.minUptime)
        case .starting where pid != nil && startErrand == nil:
            if old.timeoutStart != new.timeoutStart { deadline = new.timeoutStart.map(startedAt.advanced(by:)) }
            // Nobody asks any more.
            if new.type == .exec, old.awaitsReadiness, !new.awaitsReadiness {
                let before = state
                hasBegun(now: now, into: &actions)
                if state != before { since = now }
            }
        case .running where old.runtimeMax != new.runtimeMax: deadline = new.runtimeMax.map(since.advanced(by:))
        case .stopped, .waiting, .starting, .running, .backoff, .stopping, .exited, .fatal: break
        }
    }
}
