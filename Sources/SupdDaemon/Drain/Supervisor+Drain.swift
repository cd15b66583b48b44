import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The shutdown, from the order to the exit code.
extension Supervisor {
    /// How far the service manager's own deadline is pushed out each time (sd_notify(3), EXTEND_TIMEOUT_USEC).
    static let extension_: Duration = .seconds(20)
    /// How often it is.
    static let extensionPeriod: Duration = .seconds(5)
    /// A second signal sooner than this after the first is taken as the same one sent twice.
    static let signalGuard: Duration = .seconds(1)
    /// Signals to stop. Images set SIGQUIT as their STOPSIGNAL for servers that end gracefully on it, and SIGRTMIN+3 is what a container of
    /// systemd's is sent to have it shut down (systemd(1), "Signals").
    static let stopSignals: [Signal] = [.term, .int, .quit] + [Signal(name: "SIGRTMIN+3")].compactMap { $0 }

    /// So many processes of one service are named where they had to be given up.
    private static let abandonedNamed = 64

    func handleSignal(_ signal: Signal) {
        shutdown.signalHasCome = true
        if let command = oneCommand, signal == .cont { return continueMain(of: command) }
        if let command = oneCommand, signal != .term {
            // As every other first process: what a signal means is the command's affair, but for the order to stop.
            let wasSent = signalMain(of: command, signal) || takeBackSpawn(of: command)
            return log.debug("\(signal) is passed on\(wasSent ? "" : ", but there is no process")")
        }
        switch signal {
        case let stop where Self.stopSignals.contains(stop): stopSignal(stop)
        case .hup: reloadBySignal()
        default:
            log.debug("\(signal) is not used by supd")
        }
    }

    private func stopSignal(_ signal: Signal) {
        guard let first = shutdown.firstSignalAt else {
            shutdown.firstSignalAt = host.now
            shutdown.signals = 1
            beginDrain(exits: true, cause: "\(signal)")
            return
        }
        guard host.now.duration(since: first) >= Self.signalGuard else { return }
        shutdown.signals += 1
        if shutdown.signals == 2 {
            log.warning(
                "second signal (\(signal)): the shutdown has \(DrainMachine.escalatedLimit.text) left at most",
                kind: .drainEscalated)
            let actions = drain.escalate(now: host.now)
            enforceEnd()
            performDrain(actions)
        } else {
            log.warning("third signal (\(signal)): everything is killed", kind: .drainEscalated)
            forceDrain(cause: "\(signal)")
        }
    }

    /// Begins the drain, or lets one that holds go on to the end. A second order changes nothing else.
    func beginDrain(exits: Bool, cause: String) {
        let isFirst = drain.stage == .idle
        let actions = drain.begin(exits: exits, now: host.now)
        guard !actions.isEmpty else { return }
        if isFirst {
            shutdown.begin(cause: cause, at: host.wallClock())
            registerDaemonHooks()
            endProbes()
            registry.beginDrain()
            logs.router.stalls.isDraining = true
            emit(.drainBegan(cause: cause))
            log.notice("\(exits ? "shutting down" : "draining"): \(cause)", kind: .drainBegan)
            extendTimeout()
        } else if exits {
            shutdown.cause += ", then \(cause)"
        }
        // Before anything is done that may hang.
        enforceEnd()
        performDrain(actions)
        fleetChanged = true
    }

    func forceDrain(cause: String) {
        if drain.stage == .idle {
            shutdown.begin(cause: cause, at: host.wallClock())
            endProbes()
            registry.beginDrain()
            logs.router.stalls.isDraining = true
        }
        let actions = drain.force(now: host.now)
        enforceEnd()
        performDrain(actions)
        fleetChanged = true
    }

    /// Moves the drain on as far as it can go in this turn.
    func advanceDrain() {
        while case .phase = drain.stage {
            // In the last phase, what has gone out now completes its task now.
            flushConnections()
            finishFlushing()
            let before = drain
            performDrain(drain.advance(now: host.now) { registry.count(in: $0) + (awaitsFleet(in: $0) ? 1 : 0) })
            if drain.stage == before.stage, drain.deadline == before.deadline { break }
        }
        guard drain.deadline != shutdown.armedDeadline else { return }
        shutdown.armedDeadline = drain.deadline
        let token = TimerKind.drain.token()
        if let deadline = drain.deadline { host.arm(token, at: deadline) } else { host.disarm(token) }
    }

    /// Whether instances are still being told what the phase is to bring about.
    private func awaitsFleet(in phase: DrainPhase) -> Bool {
        (phase == .quiesce || phase == .services) && !fleet.isSettled
    }

    private func performDrain(_ actions: [DrainAction]) {
        for action in actions { perform(action) }
    }

    private func perform(_ action: DrainAction) {
        switch action {
        case .announce: notifier.send("STOPPING=1")
        case .enter(let phase, let until): enter(phase, until: until)
        case .cancel(let phase, let until): cancel(phase, until: until)
        case .abandon(let phase): abandon(phase)
        case .killEverything: killEverything()
        case .hold: hold()
        case .finish: finish()
        }
    }

    private func enter(_ phase: DrainPhase, until: MonotonicInstant) {
        registry.setDeadline(until, of: phase)
        log.debug("shutdown: \(phase.name), at most \(until.duration(since: host.now).text)")
        emit(.drainPhase(phase.name))
        switch phase {
        case .announce: break
        case .quiesce:
            act { $0.holdLaunches(cause: .drain, now: $1, random: $2, into: &$3) }
            beginDaemonHooks(.beforeServices)
        case .jobs: tellJobs()
        case .services: act { $0.stopAll(cause: .drain, now: $1, random: $2, into: &$3) }
        case .flush:
            killStrays()
            if awaitsDaemonHooks(.afterServices) {
                beginDaemonHooks(.afterServices)
            } else {
                closeLogs()
            }
        }
    }

    private func cancel(_ phase: DrainPhase, until: MonotonicInstant) {
        let told = registry.cancel(phase: phase, deadline: until)
        guard !told.isEmpty else { return }
        let names = told.map(\.name).joined(separator: ", ")
        log.warning("shutdown: the time of phase \(phase.name) is over; cancelled: \(names)", kind: .drainPhaseOver)
        if phase == .services { noteCutShort() }
        cancelHooks(of: phase)
        for work in told.compactMap({ plugins.work.work(of: $0.id) }) { host.cancel(work) }
        switch phase {
        case .services:
            act { $0.killAll(now: $1, random: $2, into: &$3) }
            killDroppedCommands()
        case .flush:
            finishLogs()
            logs.giveUpLeaving()
            logs.giveUpFiles()
            completeEndedPumps()
            shutdown.endWasEmitted = true
            closeIdleSinks()
        case .announce, .quiesce, .jobs: break
        }
    }

    /// The services are killed now. Whose own time to stop is not over is told: it is not they that hang. After a second signal it is the
    /// person who sent that who wants it so.
    private func noteCutShort() {
        guard !drain.isCutShort else { return }
        shutdown.cutShort = Set(
            fleet.allInstances.filter { fleet[$0].isLive && !fleet[$0].hasUsedItsStop })
        for instance in shutdown.cutShort.sorted() {
            let steps = fleet[instance].settings.stopSteps.reduce(Duration.zero) { $0 + $1.wait }
            log.write(
                .warning,
                "\(name(of: instance)) is killed before the \(steps.text) it may take to stop are over: raise 'services' of "
                    + "[supervisor.drain]", about: name(of: instance), kind: .stopCutShort)
        }
    }

    private func abandon(_ phase: DrainPhase) {
        abandonHooks(of: phase)
        if phase == .flush {
            completeIdleConnections()
            giveUpSinks()
        }
        for task in registry.abandon(phase: phase) {
            if let work = plugins.work.work(of: task.id) { _ = plugins.work.remove(work) }
            say(abandoned: task)
        }
        guard phase == .services else { return }
        for (instance, running) in roster.running {
            guard let tree = tree(of: instance) else { continue }
            // The task was abandoned above; what it was about is said once more as what it is: processes.
            // A child that has not come to its program shows the daemon's own command.
            let children = pendingChildren(of: instance)
            for pid in children {
                shutdown.abandonedProcesses.append(
                    AbandonedProcess(
                        name: name(of: instance).description, pid: pid,
                        command: "\(pendingStep(of: instance)?.text ?? "exec of a command"), which does not come back",
                        startedAt: wall(fleet[instance].startedAt)))
            }
            let left = (running.isReaped ? host.members(of: tree) : [running.pid]).filter { !children.contains($0) }
            let details = host.details(of: Array(left.prefix(Self.abandonedNamed)))
            for process in details {
                shutdown.abandonedProcesses.append(
                    AbandonedProcess(
                        name: name(of: instance).description, pid: process.pid, command: process.command,
                        startedAt: WallTime(
                            nanoseconds: host.wallClock().nanoseconds - process.age.clampedNanoseconds)))
            }
            if details.isEmpty, !running.isReaped {
                // There was nothing left to look with, but it is there: its end was not told.
                shutdown.abandonedProcesses.append(
                    AbandonedProcess(
                        name: name(of: instance).description, pid: running.pid,
                        command: definition(of: instance).execStart.joined(separator: " "),
                        startedAt: wall(fleet[instance].startedAt)))
            }
            guard case .stopping = fleet[instance].phase else { continue }
            if let task = logs.finish(instance) { registry.complete(task) }
        }
    }

    private func say(abandoned task: TaskRecord) {
        let age = host.now.duration(since: task.registeredAt).text
        log.error(
            "abandoned \(task.kind.rawValue) '\(task.name)', \(age) old, registered at \(task.place)", kind: .abandoned)
    }

    /// Nothing waits for the task any more.
    func giveUp(_ task: TaskID) {
        if let record = registry.abandon(task) { say(abandoned: record) }
    }

    private func killEverything() {
        act { $0.stopAll(cause: .drain, now: $1, random: $2, into: &$3) }
        act { $0.killAll(now: $1, random: $2, into: &$3) }
        shutdown.foundAllStrays = host.killAllDescendants(sparing: [], describing: false).isWhole
    }

    private func hold() {
        log.notice("drained: every service is down; supd stays up until it is told to shut down", kind: .drainEnded)
        host.disarm(TimerKind.extend.token())
        let report = report()
        shutdown.heldReport = report
        emit(.drainEnded(summary: report.sentence))
        answerDrainWaiters(report, alsoOfShutdown: false)
        fleetChanged = true
    }

    /// Processes that left their service, session and environment behind are still ours to end.
    private func killStrays() {
        let left = processes.leftRunning.keys.flatMap { instance in
            leftRunning(by: instance).map { ($0, ", left by \(name(of: instance))") }
        }
        let owners = Dictionary(left) { first, _ in first }
        let killed = host.killAllDescendants(sparing: plugins.programs.processes, describing: true)
        shutdown.foundAllStrays = killed.isWhole
        if !killed.isWhole {
            log.error(
                "shutdown: not every process below supd could be looked at, so some may be left running", kind: .strays)
        }
        let strays = killed.processes
        guard !strays.isEmpty else { return }
        let list = list(of: strays, atMost: 32) { owners[$0.pid] ?? "" }
        log.warning("shutdown: killed processes that no stop was for: \(list)", kind: .strays)
    }

    /// Everything is down and every hook has run: what the logs and the event sinks still hold is written out.
    func closeLogs() {
        shutdown.isClosing = true
        finishLogs()
        answerWaitersOfShutdown()
    }

    /// Completes what the last phase waits for, once it has nothing left. Then those who wait get their report, and the
    /// connections are closed once it has gone out to them.
    private func finishFlushing() {
        guard drain.stage == .phase(.flush), shutdown.isClosing else { return }
        logs.router.flush()
        completeEndedPumps()
        if logs.isSettled, let task = logsTask {
            registry.complete(task)
            logsTask = nil
        }
        let sinks = plugins.sinks.count { $0.task != nil }
        if !shutdown.endWasEmitted, registry.count(in: .flush) == control.count + sinks {
            shutdown.endWasEmitted = true
            emit(.drainEnded(summary: report().sentence))
        }
        closeIdleSinks()
        guard shutdown.finalReport == nil, registry.count(in: .flush) == control.count else { return }
        answerDrainWaiters(finalReport(), alsoOfShutdown: true)
        beginClosingConnections()
        // Those that owe nothing are closed now: nothing else would bring about another turn.
        flushConnections()
    }

    private func finishLogs() {
        for instance in fleet.allInstances {
            if let task = logs.finish(instance) { registry.complete(task) }
        }
    }

    /// The tasks of pumps that were done beside.
    func completeEndedPumps() {
        for task in logs.takeEnded() { registry.complete(task) }
    }

    private func finish() {
        registry.close()
        killPrograms()
        let report = finalReport()
        enforce(report)
        answerDrainWaiters(report, alsoOfShutdown: true)
        flushConnections()
        tell(report)
        writeReport(report)
        enforceTeardown(report)
        host.notify("STATUS=\(report.sentence)")
        closeAllConnections()
        sumUpRefusals()
        logs.close()
        host.releaseControlSocket(
            leavesNothing: shutdown.abandonedProcesses.isEmpty && shutdown.foundAllStrays
                && roster.running.isEmpty,
            by: drain.absoluteDeadline)
        exitCode = report.exitCode
    }

    /// Undoes a drain that holds: what is enabled is started again. Throws where there is none.
    func resume(by cause: Cause) throws(ProtocolError) {
        guard drain.resume() else {
            throw ProtocolError(
                .failed,
                drain.stage == .idle
                    ? "supd is not drained: there is nothing to resume"
                    : "supd is on its way down, which cannot be undone")
        }
        unregisterDaemonHooks()
        registry.reopen()
        logs.router.stalls.isDraining = false
        shutdown = ShutdownRecord()
        log.notice("resumed by \(sentence(cause)): everything that is enabled is started again", kind: .resumed)
        emit(.resumed)
        notifier.send("STATUS=\(statusSentence)")
        startJobsAgain()
        fleet.releaseLaunches()
        act { $0.startEnabled(now: $1, random: $2, into: &$3) }
        fleetChanged = true
    }

    func extendTimeout() {
        switch drain.stage {
        case .idle, .finished, .held: return
        case .phase: break
        }
        let microseconds = Self.extension_.clampedNanoseconds / 1000
        notifier.send("EXTEND_TIMEOUT_USEC=\(microseconds)")
        host.arm(TimerKind.extend.token(), at: host.now.advanced(by: Self.extensionPeriod))
    }
}
