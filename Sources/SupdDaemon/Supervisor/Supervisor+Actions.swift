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
        case .gaveUpWaiting(let instance):
            noteChange()
            closeUnusedSockets(of: instance)
        case .essentialEnded(let instance): essentialEnded(instance)
        case .blocked(let instance):
            guard fleet.isBlocked(instance) else { return }
            noteChange()
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
        case .spawn(let attempt): processes.enqueue(instance, attempt: attempt)
        case .signalMain(let signal):
            if !takeBackSpawn(of: instance) { signalMain(of: instance, signal) }
        case .signalGroup(let signal):
            if takeBackSpawn(of: instance) { return }
            guard let process = mainProcess(of: instance), let tree = tree(of: instance) else { return }
            host.signalGroup(process, of: tree, signal)
        case .signalTree(let signal):
            if let tree = tree(of: instance) { host.signalTree(tree, signal) }
        case .examineTree: processes.examine(instance)
        case .runErrand(let attempt, let errand): beginErrand(errand, of: instance, attempt: attempt)
        case .dropErrand(let attempt): dropErrand(of: instance, attempt: attempt)
        case .requestLaunch, .requestStop:
            // The fleet keeps these for itself.
            break
        }
    }

    /// False where the main process is gone.
    @discardableResult
    func signalMain(of instance: InstanceID, _ signal: Signal) -> Bool {
        guard let process = mainProcess(of: instance) else { return false }
        return host.signal(process, signal)
    }

    /// The daemon was continued, and what it runs in its own place goes on with it.
    func continueMain(of instance: InstanceID) {
        if let process = mainProcess(of: instance) { host.continueJob(process, after: nil) }
    }

    /// The main process, as long as it is not reaped.
    private func mainProcess(of instance: InstanceID) -> ProcessHandle? {
        guard let running = roster[instance].running, !running.isReaped else { return nil }
        return running.process
    }

    private func changed(_ instance: InstanceID, _ change: StateChange) {
        noteChange()
        roster[instance].firstStart.note(change)
        switch change.to {
        // What begins now begins by what is said now.
        case .starting: roster.adopt(instance)
        case .running: break
        case .stopping:
            dropReload(of: instance)
            dropReloadBySignal(of: instance)
        case .stopped, .backoff, .exited, .fatal:
            release(instance)
            closeUnusedSockets(of: instance)
        }
        if fleet.hasFailedForGood(instance) { drain.noteFailure() }
        plugins.probes.follow(instance, change)
        logChange(of: instance, change)
        emit(.changed(instance, change))
        // What does not run has no older definition than its service.
        if !fleet[instance].isLive { roster.adopt(instance) }
        if change.to == .stopped, change.from == .stopping { drain.note(stopped: instance, killed: change.killed) }
    }

    /// The instance's tree is proved gone: what the daemon held of it is let go.
    private func release(_ instance: InstanceID) {
        closeReadyDescriptor(of: instance)
        guard let running = roster[instance].running, let tree = tree(of: instance) else { return }
        roster[instance].running = nil
        if let process = running.process { processes.remove(process) }
        host.release(tree)
        if let task = logs.finish(instance) { drain.complete(task) }
        if let task = running.task { drain.complete(task) }
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
