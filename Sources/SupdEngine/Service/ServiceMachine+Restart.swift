import SupdPlugin

extension ServiceMachine {
    /// Asks the policy after an end that nobody ordered.
    mutating func decideAfterEnd(now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]) {
        guard let lastExit else {
            phase = .stopped
            return
        }
        if lacked != nil {
            if !launches.isEmpty { launches.removeLast() }
            countedLaunches = max(countedLaunches - 1, 0)
            return becomeBackoff(after: resourceRetryDelay, now: now)
        }
        if settings.type == .oneshot, endedWithSuccess {
            // Its work is done. A policy that runs what ended well again is made for what goes on running, and would keep whatever requires
            // this from ever starting; systemd.service(5) refuses Restart=always of a oneshot.
            phase = .exited
            deadlines = .none
            return
        }
        let context = RestartContext(
            exit: lastExit, rules: settings.exitStatusRules, history: pastEnds.history(restarts: restarts, now: now))
        noteStability(of: lastExit)
        switch settings.restart.decide(context) {
        case .restart:
            let delay = nextBackoff(random: random)
            scheduleRestart(after: delay, isDelayed: false, context, now: now, into: &actions)
        case .restartAfter(let delay):
            scheduleRestart(after: delay, isDelayed: true, context, now: now, into: &actions)
        case .stay:
            if case .spawnFailed = lastExit.outcome { phase = .fatal(.couldNotStart) } else { phase = .exited }
            deadlines = .none
        case .giveUp(let reason):
            phase = .fatal(.givenUp(FatalReason.shown(reason)))
            deadlines = .none
        }
    }

    private mutating func noteStability(of exit: ExitRecord) {
        guard let stable = settings.backoff.resetAfter, exit.ranFor >= stable else { return }
        row = 0
        previousDelay = nil
    }

    private mutating func nextBackoff(random: Double) -> Duration {
        row += 1
        let context = BackoffContext(restart: row, previousDelay: previousDelay, random: random)
        let delay = settings.backoff.delay(for: context)
        previousDelay = delay
        return delay
    }

    /// `wanted` is what a policy or a backoff says, whatever that is.
    private mutating func scheduleRestart(
        after wanted: Duration, isDelayed: Bool, _ context: RestartContext, now: MonotonicInstant,
        into actions: inout [ServiceAction]
    ) {
        let delay = floored(min(max(wanted, .zero), RestartDecision.longestDelay), now: now)
        // A policy that itself has it wait, and long enough that it cannot spin, has the pace in its own hands: a circuit breaker would be FATAL
        // after ten trials otherwise.
        if isDelayed, delay >= ownPace { countedLaunches = max(countedLaunches - 1, 0) }
        guard startLimitAllows(startAt: now.advanced(by: delay)) else {
            phase = .fatal(.startLimit(settings.startLimit))
            deadlines = .none
            return
        }
        restarts += 1
        pastEnds.note(context.exit, wasFailure: context.isFailure, wasDelayed: isDelayed, now: now)
        if delay == .zero {
            becomeWaiting(into: &actions)
        } else {
            becomeBackoff(after: delay, now: now)
        }
    }

    mutating func becomeBackoff(after delay: Duration, now: MonotonicInstant) {
        phase = .backoff
        deadlines = .none
        deadlines.backoff = now.advanced(by: delay)
    }

    /// A service that ends at once with a backoff of nothing must not take the machine with it.
    private func floored(_ delay: Duration, now: MonotonicInstant) -> Duration {
        guard delay < floorDelay, launches.count >= floorBurst else { return delay }
        let tenth = launches[launches.count - floorBurst]
        return now.duration(since: tenth) < floorWindow ? floorDelay : delay
    }

    private func startLimitAllows(startAt: MonotonicInstant) -> Bool {
        let limit = settings.startLimit
        guard limit.burst > 0, min(launches.count, countedLaunches) >= limit.burst else { return true }
        return startAt.duration(since: launches[launches.count - limit.burst]) >= limit.interval
    }

    mutating func noteLaunch(_ now: MonotonicInstant) {
        // One more than is looked at, so that a launch that is taken back leaves none missing.
        let kept = max(settings.startLimit.burst, floorBurst) + 1
        if launches.count >= kept { launches.removeFirst(launches.count - kept + 1) }
        launches.append(now)
        countedLaunches += 1
    }
}

extension FatalReason {
    /// The most bytes that are shown of what a policy says.
    package static let longestText = 200

    /// What a policy gave as its reason, or a process as its command, as one line that a log and a terminal can take; "…" stands for what is
    /// left out of a longer one.
    package static func shown(_ reason: String, atMost limit: Int = longestText) -> String {
        var text = ""
        for scalar in reason.unicodeScalars {
            let shown: Unicode.Scalar = scalar.isUnsafeInALine ? "?" : scalar
            guard text.utf8.count + UTF8.width(shown) <= limit else {
                while !text.isEmpty, text.utf8.count + "…".utf8.count > limit { text.unicodeScalars.removeLast() }
                return text + "…"
            }
            text.unicodeScalars.append(shown)
        }
        return text.isEmpty ? "without a reason" : text
    }
}
