import SupdPlugin

extension ServiceMachine {
    mutating func beginStop(now: MonotonicInstant, into actions: inout [ServiceAction]) {
        // The stop may have been taken back, or the process may have ended, while it waited for the dependents.
        guard stopRequested else { return }
        stopRequested = false
        guard mayHaveMain else {
            guard startErrand == nil else {
                abandonStart(step: 0, now: now, into: &actions)
                return
            }
            // The spawn is still in the queue and is dropped there, by `wantsSpawn`.
            let stop = StopProgress(why: .ordered, step: nil, mainAlive: false)
            deadlines = .none
            guard settings.errands.commands.isEmpty else {
                phase = .stopping(stop)
                actions.append(.examineTree(attempt: attempt))
                return
            }
            if desired == .up { becomeWaiting(into: &actions) } else { phase = .stopped }
            return
        }
        dropStartErrand(into: &actions)
        guard pid != nil else {
            // There is no program yet that a hook could speak of.
            var stop = StopProgress(why: .ordered, step: nil, mainAlive: true)
            enterStep(0, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
            return
        }
        takeDown(why: .ordered, now: now, into: &actions)
    }

    /// Begins the stop of what is up: its hooks, then its steps.
    mutating func takeDown(why: StopProgress.Why, now: MonotonicInstant, into actions: inout [ServiceAction]) {
        var stop = StopProgress(why: why, step: nil, mainAlive: true)
        if has(.beforeStop, why: why) {
            run(.beforeStop, of: &stop, into: &actions)
        } else {
            enterStep(0, of: &stop, now: now, into: &actions)
        }
        phase = .stopping(stop)
    }

    /// Begins the stop of what is up and gives no sign of life, or says that it might as well: it is to leave a picture of where it hangs, then it gets the steps. There is
    /// nothing to be asked of it first (systemd.service(5): no ExecStop=).
    mutating func abort(as end: ForcedEnd, now: MonotonicInstant, into actions: inout [ServiceAction]) {
        var stop = StopProgress(why: .forced(end), step: nil, mainAlive: true)
        stop.isAborted = true
        send(settings.watchdogSignal, mainAlive: true, into: &actions)
        send(.cont, mainAlive: true, into: &actions)
        extended = .zero
        deadlines = .none
        deadlines.step = now.advanced(by: settings.stopSteps.first?.wait ?? .zero)
        phase = .stopping(stop)
    }

    /// Sends what step `step` sends and sets the deadline of the next; every step after the last is SIGKILL.
    mutating func enterStep(
        _ step: Int, of stop: inout StopProgress, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        stop.treeSignaled = !stop.mainAlive
        guard step < settings.stopSteps.count else {
            stop.step = settings.stopSteps.count
            sendKill(of: &stop, now: now, into: &actions)
            return
        }
        stop.step = step
        let signal = settings.stopSteps[step].signal
        send(signal, mainAlive: stop.mainAlive, into: &actions)
        if signal != .kill {
            // A stopped process would not see the signal before it is continued.
            send(.cont, mainAlive: stop.mainAlive, into: &actions)
        }
        extended = .zero
        deadlines = .none
        deadlines.step = now.advanced(by: settings.stopSteps[step].wait)
    }

    private func send(_ signal: Signal, mainAlive: Bool, into actions: inout [ServiceAction]) {
        guard mainAlive else {
            // Under kill mode process only the answer about the tree is still to come; the deadline may be faster.
            if settings.killMode != .process { actions.append(.signalTree(signal)) }
            return
        }
        switch settings.killMode {
        case .controlGroup: actions.append(.signalGroup(signal))
        case .mixed, .process: actions.append(.signalMain(signal))
        }
    }

    private mutating func sendKill(
        of stop: inout StopProgress, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        if settings.killMode == .process {
            // Once the main process is gone nothing else is this service's to kill.
            if stop.mainAlive {
                killed = true
                actions.append(.signalMain(.kill))
            }
        } else {
            killed = true
            // The group goes at once, so that nothing in it can fork between the look at the tree and the kill.
            if stop.mainAlive { actions.append(.signalGroup(.kill)) }
            actions.append(.signalTree(.kill))
            if !stop.mainAlive { actions.append(.examineTree(attempt: attempt)) }
        }
        stop.kills += 1
        deadlines = .none
        deadlines.step = now.advanced(by: killPause(afterKills: stop.kills))
    }

    mutating func killNow(now: MonotonicInstant, random: Double, into actions: inout [ServiceAction]) {
        let last = settings.stopSteps.count
        switch phase {
        case .starting where !mayHaveMain && startErrand != nil:
            stopRequested = false
            abandonStart(step: last, now: now, into: &actions)
        case .starting where !mayHaveMain:
            stopRequested = true
            beginStop(now: now, into: &actions)
        case .starting, .running:
            stopRequested = false
            dropStartErrand(into: &actions)
            var stop = StopProgress(why: .ordered, step: nil, mainAlive: true)
            enterStep(last, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
        case .stopping(let stop) where stop.errand == .afterStop && !stop.endsWithCommands:
            // Its tree is gone; only the hooks are waited for, and there is no time for them any more.
            concludeStop(stop, now: now, random: random, into: &actions)
        case .stopping(var stop):
            // A look at the tree that came during an errand did not count, and this kill mode asks for no other.
            if stop.errand != nil, !stop.mainAlive, settings.killMode == .process {
                actions.append(.examineTree(attempt: attempt))
            }
            drop(&stop, into: &actions)
            enterStep(last, of: &stop, now: now, into: &actions)
            phase = .stopping(stop)
        case .stopped, .waiting, .backoff, .exited, .fatal:
            // Nothing to kill.
            break
        }
    }
}
