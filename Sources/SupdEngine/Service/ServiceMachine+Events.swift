package import SupdPlugin

/// How long a start that failed for want of the system's resources waits: not the service's fault, not counted.
let resourceRetryDelay: Duration = .seconds(1)
/// Over this many starts in `floorWindow`, a restart waits at least `floorDelay`, whatever the backoff says.
let floorBurst = 10
/// The window of the floor.
let floorWindow: Duration = .seconds(1)
/// What the floor is.
let floorDelay: Duration = .milliseconds(100)
/// Restarts that a policy delays itself by so much are not counted for the start limit.
let ownPace: Duration = .seconds(1)
/// How long a spawn may take that is not back, where the service has no limit of its own for its start: as the standard one.
let spawnLimit: Duration = .seconds(90)
/// How soon what survives SIGKILL is looked at again; doubles up to `maximumKillRepeat`.
let killRepeat: Duration = .milliseconds(50)
/// The longest pause between two looks.
let maximumKillRepeat: Duration = .seconds(1)

/// How soon what has survived so many SIGKILLs, at least one, gets the next.
package func killPause(afterKills count: Int) -> Duration {
    min(killRepeat * (1 << min(max(count, 1) - 1, 10)), maximumKillRepeat)
}

extension ServiceMachine {
    /// Takes an event and appends to `actions` what follows from it. `random` is in 0..<1.
    package mutating func handle(
        _ event: ServiceEvent, now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]
    ) {
        let before = state
        switch event {
        case .start(let cause): start(cause, into: &actions)
        case .stop(let cause): stop(cause, now: now, into: &actions)
        case .restart(let cause): restart(cause, now: now, into: &actions)
        case .resetFailed(let cause): resetFailed(cause)
        case .launch: launch(now: now, into: &actions)
        case .beginStop: beginStop(now: now, into: &actions)
        case .spawnPending(let attempt): spawnPending(attempt: attempt, now: now)
        case .spawned(let attempt, let pid):
            spawned(attempt: attempt, pid: pid, now: now, into: &actions)
        case .spawnFailed(let attempt, let failure):
            spawnFailed(attempt: attempt, failure, now: now, random: random, into: &actions)
        case .exited(let attempt, let outcome): exited(attempt: attempt, outcome, now: now, into: &actions)
        case .treeExamined(let attempt, let remaining):
            treeExamined(attempt: attempt, remaining: remaining, now: now, random: random, into: &actions)
        case .errandEnded(let attempt, let errand, let failure, let isOverdue):
            let end = ErrandEnd(failure: failure, forced: isOverdue ? .commandTimeout : nil)
            errandEnded(attempt: attempt, errand, end, now: now, random: random, into: &actions)
        case .becameReady(let attempt): becameReady(attempt: attempt, now: now, into: &actions)
        case .becameUnhealthy(let attempt): becameUnhealthy(attempt: attempt, now: now, into: &actions)
        case .notified(let attempt, let notice): notified(attempt: attempt, notice, now: now, into: &actions)
        case .timer: timer(now: now, into: &actions)
        case .kill: killNow(now: now, random: random, into: &actions)
        }
        if state != before { since = now }
    }

    // MARK: Orders

    private mutating func start(_ cause: Cause, into actions: inout [ServiceAction]) {
        switch phase {
        case .stopped, .exited, .fatal, .backoff:
            // In a backoff somebody does not want to wait any longer.
            want(.up, cause)
            forgetFailures()
            becomeWaiting(into: &actions)
        case .waiting:
            // Its turn has not come yet; it is asked for once.
            want(.up, cause)
        case .starting, .running:
            // Up already, or a restart waits for dependents and ends up as well: nothing to do, and whoever ordered
            // the restart gets it. A stop that still waits for dependents is taken back.
            guard desired == .down else { return }
            want(.up, cause)
            stopRequested = false
        case .stopping where completesStart:
            want(.up, cause)
        case .stopping(var stop):
            want(.up, cause)
            forgetFailures()
            // However it came to go down, it is started again after: that is now an order.
            stop.why = .ordered
            phase = .stopping(stop)
        }
    }

    private mutating func stop(_ cause: Cause, now: MonotonicInstant, into actions: inout [ServiceAction]) {
        switch phase {
        case .stopped, .exited, .fatal:
            // Nothing runs. How it ended stays to be seen, and who wanted it down first.
            guard desired == .up else { return }
            want(.down, cause)
        case .waiting, .backoff:
            want(.down, cause)
            phase = .stopped
            deadlines = .none
        case .starting, .running:
            want(.down, cause)
            requestStop(into: &actions)
        case .stopping(let stop) where completesStart && stop.errand != nil:
            want(.down, cause)
            abandonCompletion(stop, now: now, into: &actions)
        case .stopping(var stop):
            want(.down, cause)
            stop.why = .ordered
            phase = .stopping(stop)
        }
    }

    private mutating func restart(_ cause: Cause, now: MonotonicInstant, into actions: inout [ServiceAction]) {
        switch phase {
        case .stopping(var stop) where completesStart:
            want(.up, cause)
            forgetFailures()
            if stop.errand != nil {
                abandonCompletion(stop, now: now, into: &actions)
            } else {
                stop.why = .ordered
                phase = .stopping(stop)
            }
        case .stopped, .exited, .fatal, .backoff, .waiting, .stopping:
            start(cause, into: &actions)
        case .starting, .running:
            want(.up, cause)
            forgetFailures()
            requestStop(into: &actions)
        }
    }

    private mutating func resetFailed(_ cause: Cause) {
        forgetFailures()
        guard case .fatal = phase else { return }
        phase = .stopped
        // What failed for good is no longer on any way up: what needs it must start it.
        want(.down, cause)
    }

    private mutating func want(_ desired: DesiredState, _ cause: Cause) {
        self.desired = desired
        self.cause = cause
    }

    private mutating func requestStop(into actions: inout [ServiceAction]) {
        // A second order before the first was granted.
        guard !stopRequested else { return }
        stopRequested = true
        actions.append(.requestStop)
    }

    private mutating func forgetFailures() {
        row = 0
        restarts = 0
        previousDelay = nil
        launches.removeAll()
        countedLaunches = 0
        pastEnds.clear()
    }

    func isCurrent(_ attempt: UInt64) -> Bool { attempt == self.attempt }

    mutating func becomeWaiting(into actions: inout [ServiceAction]) {
        phase = .waiting
        deadlines = .none
        actions.append(.requestLaunch)
    }

    // MARK: Starting

    private mutating func launch(now: MonotonicInstant, into actions: inout [ServiceAction]) {
        // A stop may have come between the request and its grant; or the grant came twice.
        guard phase == .waiting, desired == .up else { return }
        attempt += 1
        startedAt = now
        killed = false
        wasUp = false
        provesUptime = false
        ownWatchdog = nil
        extended = .zero
        noteLaunch(now)
        phase = .starting
        if !runStartErrand(.beforeStart, into: &actions) { requestSpawn(now: now, into: &actions) }
    }

    private mutating func spawnPending(attempt: UInt64, now: MonotonicInstant) {
        // A stop was faster than the queue of spawns, and the host is told so; or it is told a second time.
        guard wantsSpawn(of: attempt) else { return }
        spawnIsPending = true
        // The time in the spawn queue was not its own.
        deadlines.start = now.advanced(by: settings.timeoutStart ?? spawnLimit)
    }

    private mutating func spawned(
        attempt: UInt64, pid: Int32, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        // A stop was faster than the queue of spawns, or it is told a second time: the first process counts.
        guard awaitsSpawn(of: attempt) else { return }
        spawnIsPending = false
        self.pid = pid
        startedAt = now
        if case .stopping(var stop) = phase {
            // It came to its program although it was to go: now it gets what it has not heard.
            enterStep(stop.step ?? 0, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
            return
        }
        if settings.type != .oneshot, !settings.awaitsReadiness {
            hasBegun(now: now, into: &actions)
        } else {
            // The time in the spawn queue was not its own.
            deadlines.start = settings.timeoutStart.map(now.advanced(by:))
        }
    }

    private mutating func becameReady(
        attempt: UInt64, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        // The answer of an older attempt's probe, or a second one; or the process has ended, or a stop has begun, while it
        // was asked.
        guard isCurrent(attempt), phase == .starting, pid != nil, settings.awaitsReadiness, startErrand == nil,
            !provesUptime
        else {
            return
        }
        // A stop that waits for dependents goes on waiting.
        hasBegun(now: now, into: &actions)
    }

    private mutating func becameUnhealthy(
        attempt: UInt64, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        // The answer of an older attempt's probe; or it is going down, or is about to, for another reason.
        guard isCurrent(attempt), phase == .running, !stopRequested else { return }
        takeDown(why: .forced(.unhealthy), now: now, into: &actions)
    }

    private mutating func spawnFailed(
        attempt: UInt64, _ failure: SpawnFailure, now: MonotonicInstant, random: Double,
        into actions: inout [ServiceAction]
    ) {
        // The spawn was dropped and answered all the same, or it is answered a second time.
        guard awaitsSpawn(of: attempt) else { return }
        spawnIsPending = false
        if case .stopping(var stop) = phase {
            record(.spawnFailed(failure), forced: stop.why.forcedEnd, now: now)
            stop.mainAlive = false
            phase = .stopping(stop)
            actions.append(.examineTree(attempt: attempt))
            return
        }
        let restartWanted = stopRequested && desired == .up
        stopRequested = false
        deadlines = .none
        record(.spawnFailed(failure), forced: nil, now: now)
        // The attempt that was to be replaced has ended by itself; but what the system is short of is waited for.
        let why: StopProgress.Why = restartWanted && !failure.isWantOfResources ? .ordered : .ended
        let stop = StopProgress(why: why, step: nil, mainAlive: false)
        guard settings.errands.commands.isEmpty else {
            // What ran before the program may have left something behind, and has to be undone.
            phase = .stopping(stop)
            actions.append(.examineTree(attempt: attempt))
            return
        }
        concludeStop(stop, now: now, random: random, into: &actions)
    }

    // MARK: Ending

    private mutating func exited(
        attempt: UInt64, _ outcome: ExitOutcome, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        // The exit of an older attempt, told late; or of this one, told twice.
        guard isCurrent(attempt), pid != nil else { return }
        switch phase {
        case .starting, .running:
            // It ended by itself; or in the moment before a requested stop began, which then has nothing left to do.
            record(outcome, isEarly: isTooEarlyToEnd(now), forced: nil, now: now)
            var stop = StopProgress(why: stopRequested ? .ordered : .ended, step: nil, mainAlive: false)
            dropStartErrand(into: &actions)
            stopRequested = false
            deadlines = .none
            // systemd.service(5): ExecStop= is for what ended by itself, too, once it was up.
            let runsCommands = runsCommands(of: .beforeStop)
            if runsCommands { run(.beforeStop, of: &stop, into: &actions) }
            phase = .stopping(stop)
            pid = nil
            if !runsCommands { actions.append(.examineTree(attempt: attempt)) }
            return
        case .stopping(var stop):
            if stop.why != .failed { record(outcome, forced: stop.why.forcedEnd, now: now) }
            stop.mainAlive = false
            phase = .stopping(stop)
        case .stopped, .waiting, .backoff, .exited, .fatal:
            // No process exists in these, so none can end.
            return
        }
        pid = nil
        actions.append(.examineTree(attempt: attempt))
    }

    /// Whether an end by itself now comes before the start that it is of counts, and so is a failure whatever the exit code.
    private func isTooEarlyToEnd(_ now: MonotonicInstant) -> Bool {
        guard phase == .starting, !stopRequested else { return false }
        // systemd.service(5): to end without having said that it is ready breaks the protocol.
        let hasToSay = settings.type.notifies && !provesUptime && startErrand == nil
        return hasToSay || now.duration(since: startedAt) < settings.minUptime
    }

    mutating func record(
        _ outcome: ExitOutcome, command: ServiceCommand? = nil, isEarly: Bool = false, forced: ForcedEnd?,
        now: MonotonicInstant
    ) {
        lastExit = ExitRecord(
            attempt: attempt, pid: pid, outcome: outcome, command: command, forced: forced, isEarly: isEarly,
            ranFor: now.duration(since: startedAt))
        lastExitAt = now
    }

    private mutating func treeExamined(
        attempt: UInt64, remaining: Int, now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]
    ) {
        // An answer that another one overtook: the tree was already proved gone, or belongs to an older attempt.
        guard isCurrent(attempt), case .stopping(var stop) = phase, !stop.mainAlive else { return }
        // It is looked at again when the errand has ended; or it was proved gone before that began.
        guard stop.errand == nil else { return }
        guard remaining > 0, settings.killMode != .process else {
            finishStop(stop, now: now, random: random, into: &actions)
            return
        }
        if stop.step != nil, deadlines.step == nil {
            // Left behind by an errand after the steps: their time is over.
            enterStep(settings.stopSteps.count, of: &stop, now: now, into: &actions)
        } else if settings.killMode == .mixed, stop.step == nil || !stop.treeSignaled,
            stop.step != settings.stopSteps.count
        {
            // The signals of this mode are for the main process alone, and it has ended: the rest is killed (systemd.kill(5)).
            enterStep(settings.stopSteps.count, of: &stop, now: now, into: &actions)
        } else if stop.step == nil {
            // The main process ended by itself and left others behind: they get the stop steps.
            enterStep(0, of: &stop, now: now, into: &actions)
        } else if !stop.treeSignaled, let step = stop.step, step < settings.stopSteps.count {
            // So far the signal went to the group or the main process; what is elsewhere has not seen it.
            stop.treeSignaled = true
            actions.append(.signalTree(settings.stopSteps[step].signal))
            actions.append(.signalTree(.cont))
        }
        // Else all that is left has seen this step, or SIGKILL: the deadline has the next word. Trees are looked at
        // whenever an adopted process ends, so this may be asked often.
        phase = .stopping(stop)
    }

    private mutating func finishStop(
        _ stop: StopProgress, now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]
    ) {
        var stop = stop
        guard let errand = errandAfter(stop) else {
            return concludeStop(stop, now: now, random: random, into: &actions)
        }
        run(errand, of: &stop, into: &actions)
        phase = .stopping(stop)
    }

    mutating func concludeStop(
        _ stop: StopProgress, now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]
    ) {
        deadlines = .none
        guard desired == .up else {
            // A service that ended by itself while it was being stopped was stopped all the same.
            phase = .stopped
            return
        }
        switch stop.why {
        case .ordered: becomeWaiting(into: &actions)
        case .ended, .forced, .failed: decideAfterEnd(now: now, random: random, into: &actions)
        }
    }

    private mutating func timer(now: MonotonicInstant, into actions: inout [ServiceAction]) {
        // The loop may deliver a timer that was moved meanwhile.
        guard let earliest = deadlines.earliest, earliest <= now else { return }
        switch phase {
        case .backoff:
            becomeWaiting(into: &actions)
        case .running:
            // A stop that waits for dependents is on its way.
            guard !stopRequested else {
                // It may be taken back.
                let later = now.advanced(by: .seconds(1))
                deadlines.runtime = deadlines.runtime.map { max($0, later) }
                deadlines.watchdog = deadlines.watchdog.map { max($0, later) }
                return
            }
            if earliest == deadlines.watchdog {
                abort(as: .watchdog, now: now, into: &actions)
            } else {
                takeDown(why: .forced(.runtimeMax), now: now, into: &actions)
            }
        case .starting where provesUptime:
            // It has stayed up. A stop that waits for dependents goes on waiting.
            hasBegun(now: now, into: &actions)
        case .starting where mayHaveMain:
            var stop = StopProgress(why: stopRequested ? .ordered : .forced(.startTimeout), step: nil, mainAlive: true)
            stopRequested = false
            enterStep(0, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
        case .starting:
            // The spawn is still in the queue; it has not had its time yet.
            deadlines.start = settings.timeoutStart.map(now.advanced(by:))
        case .stopping(var stop):
            enterStep((stop.step ?? -1) + 1, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
        case .stopped, .waiting, .exited, .fatal:
            // These have no deadline.
            deadlines = .none
        }
    }
}

extension ServiceMachine {
    /// What the system, or supd itself, was short of, where its last attempt that is over could not begin for that.
    package var lacked: ErrorNumber? {
        if case .spawnFailed(let failure)? = lastExit?.outcome, failure.isWantOfResources { failure.error } else { nil }
    }
}

extension SpawnFailure {
    /// Whether the system, or supd itself, was short of something, so that the same start may succeed a moment later: of descriptors and
    /// memory at any step that the service's own `limits` have no part in.
    package var isWantOfResources: Bool {
        switch (error.name, stage) {
        // What reads an environment file is a process as well.
        case (_, .leftovers), ("EAGAIN", .clone), ("EAGAIN", .environment), ("ENOBUFS", .socket): true
        // A child opens and executes with the limits of its service.
        case ("EMFILE", .oomScoreAdjust), ("EMFILE", .exec), ("ENOMEM", .exec): false
        default: error.isWant
        }
    }
}
