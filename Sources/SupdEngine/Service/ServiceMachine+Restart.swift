import SupdPlugin

extension ServiceMachine {
    /// Asks the policy after an end that nobody ordered.
    mutating func decideAfterEnd(now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]) {
        guard let lastExit else {
            phase = .stopped
            return
        }
        switch settings.restart.decide(after: lastExit, rules: settings.exitStatusRules) {
        case .restart:
            scheduleRestart(after: lastExit, now: now, random: random, into: &actions)
        case .stay:
            if case .spawnFailed = lastExit.outcome { phase = .fatal(.couldNotStart) } else { phase = .exited }
            deadline = nil
        }
    }

    private mutating func scheduleRestart(
        after exit: ExitRecord, now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]
    ) {
        if let stable = settings.backoff.resetAfter, exit.ranFor >= stable {
            row = 0
            previousDelay = nil
        }
        row += 1
        let context = BackoffContext(restart: row, previousDelay: previousDelay, random: random)
        let wanted = settings.backoff.delay(for: context)
        previousDelay = wanted
        let delay = floored(min(max(wanted, .zero), maximumBackoffDelay), now: now)
        let at = now.advanced(by: delay)
        guard startLimitAllows(startAt: at) else {
            phase = .fatal(.startLimit(settings.startLimit))
            deadline = nil
            return
        }
        restarts += 1
        if delay == .zero {
            becomeWaiting(into: &actions)
        } else {
            becomeBackoff(after: delay, now: now)
        }
    }

    mutating func becomeBackoff(after delay: Duration, now: MonotonicInstant) {
        let until = now.advanced(by: delay)
        phase = .backoff(until: until)
        deadline = until
    }

    /// A service that ends at once with a backoff of nothing must not take the machine with it.
    private func floored(_ delay: Duration, now: MonotonicInstant) -> Duration {
        guard delay < floorDelay, launches.count >= floorBurst else { return delay }
        let tenth = launches[launches.count - floorBurst]
        return now.duration(since: tenth) < floorWindow ? floorDelay : delay
    }

    private func startLimitAllows(startAt: MonotonicInstant) -> Bool {
        let limit = settings.startLimit
        guard limit.burst > 0, launches.count >= limit.burst else { return true }
        return startAt.duration(since: launches[launches.count - limit.burst]) >= limit.interval
    }

    mutating func noteLaunch(_ now: MonotonicInstant) {
        // One more than is looked at, so that a launch that is taken back leaves none missing.
        let kept = max(settings.startLimit.burst, floorBurst) + 1
        if launches.count >= kept { launches.removeFirst(launches.count - kept + 1) }
        launches.append(now)
    }
}
