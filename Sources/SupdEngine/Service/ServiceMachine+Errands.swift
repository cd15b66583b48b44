import SupdPlugin

/// What is done around the main process: when an errand has its turn, and what follows from its end.
extension ServiceMachine {
    /// Whether there is anything to do in an errand, for a service that goes down for the reason `why`.
    func has(_ errand: Errand, why: StopProgress.Why) -> Bool {
        runsCommands(of: errand) || (why.runsHooks && settings.errands.hooks.contains(errand))
    }

    /// Whether its commands have their turn in an errand: those before a stop only where it was up (systemd.service(5)).
    package func runsCommands(of errand: Errand) -> Bool {
        settings.errands.commands.contains(errand) && (errand != .beforeStop || wasUp)
    }

    /// Whether it waits for the end of an errand of `attempt`.
    package func awaits(_ errand: Errand, of attempt: UInt64) -> Bool {
        guard isCurrent(attempt) else { return false }
        switch phase {
        case .starting: return startErrand == errand
        case .stopping(let stop): return stop.errand == errand
        default: return false
        }
    }

    // MARK: Of a start

    /// Begins an errand of a start; false where there is nothing to do in it.
    mutating func runStartErrand(_ errand: Errand, into actions: inout [ServiceAction]) -> Bool {
        guard settings.errands.commands.contains(errand) else { return false }
        startErrand = errand
        deadlines = .none
        actions.append(.runErrand(attempt: attempt, errand))
        return true
    }

    mutating func requestSpawn(now: MonotonicInstant, into actions: inout [ServiceAction]) {
        deadlines.start = settings.timeoutStart.map(now.advanced(by:))
        actions.append(.spawn(attempt: attempt))
    }

    /// The program has begun, and is ready where that is waited for. What comes next comes once it has stayed up for `minUptime`.
    mutating func hasBegun(now: MonotonicInstant, into actions: inout [ServiceAction]) {
        let proven = startedAt.advanced(by: settings.minUptime)
        guard now >= proven else {
            provesUptime = true
            deadlines = .none
            deadlines.uptime = proven
            return
        }
        provesUptime = false
        if !runStartErrand(.afterStart, into: &actions) { becomeRunning(now: now) }
    }

    private mutating func becomeRunning(now: MonotonicInstant) {
        phase = .running
        wasUp = true
        extended = .zero
        // A start that counts is none of those in a row that do not.
        if settings.minUptime > .zero { countedLaunches = 0 }
        deadlines = .none
        deadlines.runtime = settings.runtimeMax.map(now.advanced(by:))
        deadlines.watchdog = watchdogLimit.map(now.advanced(by:))
    }

    mutating func dropStartErrand(into actions: inout [ServiceAction]) {
        guard startErrand != nil else { return }
        startErrand = nil
        actions.append(.dropErrand(attempt: attempt))
    }

    /// Takes down a start whose program has not begun: what runs before it gets the stop steps from `step` on.
    mutating func abandonStart(step: Int, now: MonotonicInstant, into actions: inout [ServiceAction]) {
        dropStartErrand(into: &actions)
        var stop = StopProgress(why: .ordered, step: nil, mainAlive: false)
        enterStep(step, of: &stop, now: now, into: &actions)
        if step < settings.stopSteps.count || settings.killMode == .process {
            actions.append(.examineTree(attempt: attempt))
        }
        phase = .stopping(stop)
    }

    /// Whether it is a oneshot whose program has ended well, and what comes after a start is not done: for others it is still on its
    /// way up (systemd.service(5): activating).
    package var completesStart: Bool {
        guard case .stopping(let stop) = phase, settings.type == .oneshot, stop.why == .ended, !stop.mainAlive,
            settings.errands.commands.contains(.afterStart), endedWithSuccess
        else { return false }
        return stop.errand == .afterStart || !stop.finished.contains(.afterStart)
    }

    /// Takes down a oneshot that completes its start: what runs of it gets the stop steps.
    mutating func abandonCompletion(
        _ progress: StopProgress, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        var stop = progress
        stop.why = .ordered
        drop(&stop, into: &actions)
        enterStep(0, of: &stop, now: now, into: &actions)
        actions.append(.examineTree(attempt: attempt))
        phase = .stopping(stop)
    }

    // MARK: Of a stop

    /// The errand that has its turn once the tree is gone; nil where none is left.
    func errandAfter(_ stop: StopProgress) -> Errand? {
        if settings.type == .oneshot, stop.why == .ended, endedWithSuccess, !stop.finished.contains(.afterStart),
            settings.errands.commands.contains(.afterStart)
        {
            return .afterStart
        }
        return has(.afterStop, why: stop.why) && !stop.finished.contains(.afterStop) ? .afterStop : nil
    }

    mutating func run(_ errand: Errand, of stop: inout StopProgress, into actions: inout [ServiceAction]) {
        stop.errand = errand
        stop.finished.insert(errand)
        stop.endsWithCommands = settings.errands.commands.contains(.afterStop)
        deadlines = .none
        actions.append(.runErrand(attempt: attempt, errand))
    }

    /// Nobody waits for the errand of a stop any more.
    mutating func drop(_ stop: inout StopProgress, into actions: inout [ServiceAction]) {
        guard stop.errand != nil else { return }
        stop.errand = nil
        actions.append(.dropErrand(attempt: attempt))
    }

    // MARK: Their ends

    /// How an errand has ended.
    struct ErrandEnd {
        /// How a command of it failed; nil where all went well.
        var failure: ExitOutcome?
        /// Why supd ended that command.
        var forced: ForcedEnd?
    }

    mutating func errandEnded(
        attempt: UInt64, _ errand: Errand, _ end: ErrandEnd, now: MonotonicInstant, random: Double,
        into actions: inout [ServiceAction]
    ) {
        guard isCurrent(attempt) else { return }
        switch phase {
        case .starting where startErrand == errand:
            startErrand = nil
            startErrandEnded(errand, end, now: now, into: &actions)
        case .stopping(var stop) where stop.errand == errand:
            stop.errand = nil
            phase = .stopping(stop)
            stopErrandEnded(errand, end, now: now, random: random, into: &actions)
        default:
            // A stop or a kill was faster than the errand.
            return
        }
    }

    private mutating func startErrandEnded(
        _ errand: Errand, _ end: ErrandEnd, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        if let failure = end.failure {
            record(failure, command: errand == .beforeStart ? .startPre : .startPost, forced: end.forced, now: now)
        }
        if errand == .afterStart {
            guard end.failure != nil else { return becomeRunning(now: now) }
            var stop = StopProgress(why: stopRequested ? .ordered : .failed, step: nil, mainAlive: true)
            stopRequested = false
            enterStep(0, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
        } else if end.failure == nil, !stopRequested {
            requestSpawn(now: now, into: &actions)
        } else {
            // It failed; or nobody wants the program any more, and there is nothing to wait for dependents with.
            phase = .stopping(StopProgress(why: stopRequested ? .ordered : .failed, step: nil, mainAlive: false))
            stopRequested = false
            actions.append(.examineTree(attempt: attempt))
        }
    }

    private mutating func stopErrandEnded(
        _ errand: Errand, _ end: ErrandEnd, now: MonotonicInstant, random: Double,
        into actions: inout [ServiceAction]
    ) {
        guard case .stopping(var stop) = phase else { return }
        if errand == .afterStart, let failure = end.failure {
            record(failure, command: .startPost, forced: end.forced, now: now)
            stop.why = stop.why == .ended ? .failed : stop.why
            phase = .stopping(stop)
        }
        if errand == .beforeStop, stop.mainAlive {
            enterStep(0, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
        } else if errand == .afterStop, !stop.endsWithCommands {
            // Hooks start no processes of the service's: it was proved gone before them.
            concludeStop(stop, now: now, random: random, into: &actions)
        } else {
            actions.append(.examineTree(attempt: attempt))
        }
    }
}
