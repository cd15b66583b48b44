import SupdEngine
import SupdHost
import SupdPlugin

/// What the fleet wants, done.
extension Supervisor {
    func perform(_ action: FleetAction) {
        switch action {
        case .perform(let instance, let action): perform(action, on: instance)
        case .deadline(let instance, let deadline):
            let token = TimerKind.service.token(instance)
            if let deadline { host.arm(token, at: deadline) } else { host.disarm(token) }
        case .changed(let instance, let change): changed(instance, change)
        case .gaveUpWaiting(let instance, let wasBlocked):
            noteChange()
            if wasBlocked { emit(.blocked(instance)) }
            closeUnused(of: instance)
        case .essentialEnded(let instance): essentialEnded(instance)
        case .retired(let instance): emit(.removed(instance))
        case .blocked(let instance):
            guard fleet[instance].isWaiting else { return }
            noteChange()
            emit(.blocked(instance))
            guard fleet.isBlocked(instance) else { return }
            let isHopeless = fleet.isHopeless(instance)
            if isHopeless { drain.noteFailure() }
            // That what it requires has failed was told; that it waits for its restart is no failure of its own.
            log.write(
                isHopeless ? .warning : .info, "\(name(of: instance)) \(reason(of: instance))",
                about: name(of: instance), kind: .blocked)
        }
    }

    private func perform(_ action: ServiceAction, on instance: InstanceID) {
        switch action {
        case .spawn(let attempt): launcher.enqueue(instance, attempt: attempt)
        case .signalMain(let signal):
            if !processes.takeBackSpawn(of: instance) { processes.signalMain(of: instance, signal) }
        case .signalGroup(let signal):
            if !processes.takeBackSpawn(of: instance) { processes.signalGroup(of: instance, signal) }
        case .signalTree(let signal): processes.signalTree(of: instance, signal)
        case .examineTree: processes.examine(instance)
        case .runErrand(let attempt, let errand): commands.errands.begin(errand, of: instance, attempt: attempt)
        case .dropErrand(let attempt): commands.dropErrand(of: instance, attempt: attempt)
        case .requestLaunch, .requestStop:
            // The fleet keeps these for itself.
            break
        }
    }

    private func changed(_ instance: InstanceID, _ change: StateChange) {
        noteChange()
        roster[instance].firstStart.note(change)
        switch change.to {
        // What begins now begins by what is said now.
        case .starting: roster.adopt(instance)
        case .running: break
        case .stopping:
            commands.dropReload(of: instance)
            notices.reloads.drop(of: instance)
        case .stopped, .backoff, .exited, .fatal:
            processes.release(instance)
            closeUnused(of: instance)
        }
        if fleet.hasFailedForGood(instance) { drain.noteFailure() }
        plugins.probes.follow(instance, change)
        logChange(of: instance, change)
        emit(.changed(instance, change))
        // What does not run has no older definition than its service.
        if !fleet[instance].isLive { roster.adopt(instance) }
        if change.to == .stopped, change.from == .stopping { drain.note(stopped: instance, killed: change.killed) }
    }

    /// It is not wanted up any more, or cannot be: what was held for its next start goes.
    private func closeUnused(of instance: InstanceID) {
        notices.closeUnused(of: instance)
        launcher.sockets.closeUnused(of: instance)
    }

    private func essentialEnded(_ instance: InstanceID) {
        let name = name(of: instance)
        let ended: String
        switch fleet[instance].phase {
        case .exited, .fatal:
            drain.noteFailure(fleet.exitCode(of: instance, isOneCommand: settings.runsOneCommand))
            ended = "has ended"
        case .stopped, .waiting, .starting, .running, .backoff, .stopping:
            // Not its own end: it waits for what has failed for good, or goes down with what it is bound to.
            drain.noteFailure(ExitCode.neverStarted)
            ended = fleet.isHopeless(instance) ? reason(of: instance) : "goes down: \(reason(of: instance))"
        }
        // The one command of `supd run` ends as it likes; anything but success was told as a warning.
        let level: LogLevel = settings.runsOneCommand ? .notice : .error
        log.write(level, "essential service \(name) \(ended): supd ends with it", about: name, kind: .essentialEnded)
        let why = ended == "has ended" ? "ended: \(reason(of: instance))" : ended
        drain.begin(exits: true, cause: "essential service \(name) \(why)")
    }
}
