import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The shutdown, from the order to the exit code: it has the walk through the phases. What is to be done in a phase it has others do
/// (`DrainSeam`).
final class DrainConductor {
    /// A second signal sooner than this after the first is taken as the same one sent twice.
    static let signalGuard: Duration = .seconds(1)
    /// Signals to stop. Images set SIGQUIT as their STOPSIGNAL for servers that end gracefully on it, and SIGRTMIN+3 is what a container of
    /// systemd's is sent to have it shut down (systemd(1), "Signals").
    static let stopSignals: [Signal] = [.term, .int, .quit, .realTime(3)]

    private unowned let seam: any DrainSeam
    private let host: any Host
    private let log: DaemonLog

    private var machine: DrainMachine
    /// What the walk waits for.
    let tasks: DrainTasks
    private let reporter: DrainReporter
    private let phases: DrainPhases
    /// When the first signal to stop came, and how many have come.
    private var signals: (first: MonotonicInstant, count: Int)?
    /// What the drain's timer is armed for.
    private var armedDeadline: MonotonicInstant?
    /// Set when the daemon is to end: with what code.
    private(set) var exitCode: Int32?

    /// At rest, in a daemon that has no tasks but its logs.
    init(_ seam: any DrainSeam, budget: DrainBudget) {
        self.seam = seam
        host = seam.host
        log = seam.log
        machine = DrainMachine(budget: budget)
        tasks = DrainTasks(seam)
        reporter = DrainReporter(seam, tasks)
        phases = DrainPhases(seam, tasks, reporter)
    }

    // MARK: What is asked of it

    var stage: DrainMachine.Stage { machine.stage }
    /// Whether a drain is under way after which the daemon ends.
    var exits: Bool { machine.stage != .idle && machine.exits }
    var gate: TaskRegistry.Gate { tasks.registry.gate }
    /// Whether what is left of the services has a grace at most.
    var servicesAreOutOfTime: Bool { machine.servicesAreOutOfTime }
    var cause: String { reporter.record.cause }
    /// The report of a drain that holds.
    var heldReport: DrainReport? { reporter.record.heldReport }
    /// Whether sinks for which nothing waits may go: the last event was given to them.
    var letsSinksGo: Bool { machine.stage == .phase(.flush) && reporter.record.endWasEmitted }

    /// What a drain may take. One that is under way keeps what it had when it began.
    var budget: DrainBudget {
        get { machine.budget }
        set {
            guard machine.stage == .idle, newValue != machine.budget else { return }
            machine = DrainMachine(budget: newValue)
            host.allowFirstOrder(EndEnforcement.limit(newValue))
        }
    }

    /// Refuses what starts services while nothing is started.
    func requireOpenGate() throws(ProtocolError) {
        guard gate != .open else { return }
        throw ProtocolError(
            .shuttingDown,
            exits
                ? "supd is shutting down and starts nothing any more"
                : "supd is drained, or on the way to it, and starts nothing; 'supctl resume' undoes that once it is")
    }

    /// How far a drain is that is under way.
    var status: DrainStatus? {
        guard case .phase(let phase) = machine.stage else { return nil }
        let left = max(machine.absoluteDeadline.duration(since: host.now), .zero)
        return DrainStatus(
            cause: cause, phase: TaskStatus.Phase(phase),
            phaseLeft: machine.deadline.map { max($0.duration(since: host.now), .zero) } ?? left, left: left)
    }

    // MARK: What is noted

    /// A signal has come, whatever is made of it: it may have set a deadline of the host's.
    func noteSignal() { reporter.noteSignal() }

    /// Something has failed for good (`exit_when`).
    func noteFailure() { reporter.record.sawFailure = true }

    /// Something has ended or failed that takes the daemon with it. The first is what the daemon's exit status tells of.
    func noteFailure(_ code: Int32) {
        reporter.record.failureCode = reporter.record.failureCode ?? code
    }

    /// An instance was stopped.
    func note(stopped instance: InstanceID, killed: Bool) {
        if gate != .open {
            reporter.record.note(stopped: instance, seam.name(of: instance).description, killed: killed)
        }
    }

    /// The tasks of pumps that were done beside have ended.
    func completeEndedPumps() { phases.completeEndedPumps() }

    /// Every hook has run: logs and event sinks are written out (`DrainPhases.closeLogs`).
    func closeLogs() { phases.closeLogs() }

    /// A hook threw, or did not end.
    func note(failedHook sentence: String) {
        if machine.stage != .idle { reporter.record.hooksFailed.append(sentence) }
    }
}

// MARK: - Orders

extension DrainConductor {
    /// A signal to stop has come.
    func stop(by signal: Signal) {
        guard let (first, count) = signals else {
            signals = (host.now, 1)
            return begin(exits: true, cause: "\(signal)")
        }
        guard host.now.duration(since: first) >= Self.signalGuard else { return }
        signals = (first, count + 1)
        if count == 1 {
            log.warning(
                "second signal (\(signal)): the drain has \(DrainMachine.escalatedLimit.text) left at most",
                kind: .drainEscalated)
            let actions = machine.escalate(now: host.now)
            enforceEnd()
            perform(actions)
        } else {
            log.warning("third signal (\(signal)): everything is killed", kind: .drainEscalated)
            force(cause: "\(signal)")
        }
    }

    /// Begins the drain, or lets one that holds go on to the end. A second order changes nothing else.
    func begin(exits: Bool, cause: String) {
        let isFirst = machine.stage == .idle
        let actions = machine.begin(exits: exits, now: host.now)
        guard !actions.isEmpty else { return }
        if isFirst {
            endStart()
            reporter.begin(cause: cause)
            seam.plugins.hooks.register()
            closeGate()
            seam.emit(.drainBegan(cause: cause))
            log.notice("\(exits ? "shutting down" : "draining"): \(cause)", kind: .drainBegan)
            seam.extendTimeout()
        } else if exits {
            reporter.record.cause += ", then \(cause)"
        }
        // Before anything is done that may hang.
        enforceEnd()
        if exits { seam.control.files.lookNowAndThen() }
        perform(actions)
        seam.noteChange()
    }

    /// Kills everything, and ends the daemon.
    func force(cause: String) {
        if machine.stage == .idle {
            endStart()
            reporter.begin(cause: cause)
            closeGate()
            seam.emit(.drainBegan(cause: cause))
        } else if !machine.forced, !reporter.record.cause.hasSuffix(cause) {
            // Who began it is not who has cut it short.
            reporter.record.cause += ", then \(cause)"
        }
        let actions = machine.force(now: host.now)
        enforceEnd()
        perform(actions)
        seam.noteChange()
    }

    /// To a service manager an end before READY=1 is a failed start, and a start that goes on for too long one as well: it would start again what
    /// somebody has ordered down. Who stops it by a signal, as the manager does, gets none.
    private func endStart() {
        guard signals == nil, reporter.record.failureCode == nil, seam.readyAt == nil else { return }
        seam.tellServiceManager("READY=1")
    }

    private func closeGate() {
        seam.plugins.probes.endAll()
        tasks.beginDrain()
        seam.plugins.programs.beginDrain()
        seam.logs.router.stalls.isDraining = true
    }

    /// Ends the daemon when nothing is left to run, or something has failed, where the configuration says so.
    func endWhenAsked() {
        let exitWhen = seam.settings.exitWhen
        guard exitWhen != .never, machine.stage == .idle else { return }
        let fleet = seam.fleet
        // What was ordered may not be told to all of them yet.
        guard fleet.isSettled, fleet.busy == 0 || exitWhen == .anyFailed && reporter.record.sawFailure else { return }
        reporter.record.sawFailure = false
        let failure = fleet.firstFailure(of: seam.listed)
        guard fleet.busy == 0 || failure != nil else { return }
        reporter.record.failureCode = failure.map {
            fleet.isHopeless($0)
                ? ExitCode.neverStarted : fleet.exitCode(of: $0, isOneCommand: seam.settings.runsOneCommand)
        }
        var cause = fleet.busy == 0 ? "nothing is left to run" : ""
        if let failure {
            let verb = fleet.isHopeless(failure) ? "" : "has failed: "
            cause += (cause.isEmpty ? "" : ", and ") + "\(seam.name(of: failure)) \(verb)\(seam.reason(of: failure))"
        }
        begin(exits: true, cause: cause)
    }

    /// Undoes a drain that holds: what is enabled is started again. Throws where there is none.
    func resume(by cause: Cause) throws(ProtocolError) {
        guard machine.resume() else {
            throw ProtocolError(
                .failed,
                machine.stage == .idle
                    ? "supd is not drained: there is nothing to resume"
                    : machine.exits
                        ? "supd is on its way down, which cannot be undone"
                        : "supd is still draining: once it is drained, which 'supctl drain --wait' waits for, that can be undone"
            )
        }
        seam.plugins.hooks.unregister()
        tasks.reopen()
        seam.logs.router.stalls.isDraining = false
        reporter.record = ShutdownRecord()
        log.notice("resumed \(seam.sentence(cause).text): everything that is enabled is started again", kind: .resumed)
        seam.emit(.resumed(by: cause))
        seam.plugins.startJobsAgain()
        seam.act { fleet, now, random, actions in
            fleet.releaseLaunches()
            fleet.startEnabled(by: cause, now: now, random: random, into: &actions)
        }
        seam.extendTimeout()
        seam.noteChange()
    }
}

// MARK: - The walk

extension DrainConductor {
    /// Whether one is under way, or has another deadline than its timer.
    var mayAdvance: Bool {
        if case .phase = machine.stage { true } else { machine.deadline != armedDeadline }
    }

    /// Moves the drain on as far as it can go in this turn.
    func advance() {
        while case .phase = machine.stage {
            // In the last phase, what has gone out now completes its task now.
            seam.control.server.flush()
            phases.finishFlushing(machine)
            let before = (machine.stage, machine.deadline)
            perform(machine.advance(now: host.now) { tasks.count(in: $0) + (awaitsFleet(in: $0) ? 1 : 0) })
            if (machine.stage, machine.deadline) == before { break }
        }
        guard machine.deadline != armedDeadline else { return }
        armedDeadline = machine.deadline
        let token = TimerKind.drain.token()
        if let deadline = machine.deadline { host.arm(token, at: deadline) } else { host.disarm(token) }
    }

    /// Whether instances are still being told what the phase is to bring about.
    private func awaitsFleet(in phase: DrainPhase) -> Bool {
        (phase == .quiesce || phase == .services) && !seam.fleet.isSettled
    }

    private func perform(_ actions: [DrainAction]) {
        for action in actions {
            switch action {
            case .announce: seam.tellServiceManager("STOPPING=1")
            case .enter(let phase, let until): phases.enter(phase, until: until)
            case .cancel(let phase, let until):
                phases.cancel(phase, until: until, isCutShort: machine.isCutShort)
            case .abandon(let phase): phases.abandon(phase)
            case .killEverything: phases.killEverything()
            case .hold: hold()
            case .finish: finish()
            }
        }
    }

    private func hold() {
        log.notice("drained: every service is down; supd stays up until it is told to shut down", kind: .drainEnded)
        let report = report()
        reporter.record.heldReport = report
        seam.emit(.drainEnded(summary: report.heldSentence))
        seam.control.waiting.answerDrain(report, alsoOfShutdown: false)
        seam.noteChange()
    }

    private func finish() {
        tasks.close()
        seam.plugins.programs.killAll()
        seam.plugins.inbox.close()
        let report = finalReport()
        reporter.enforceEnd(report)
        reporter.write(report, of: machine)
        seam.control.waiting.answerDrain(report, alsoOfShutdown: true)
        seam.control.server.flush()
        host.takeLastWords()
        report.tell(log)
        reporter.enforceTeardown(report.exitCode)
        seam.tellServiceManagerLast("STATUS=\(report.sentence)\nEXIT_STATUS=\(report.exitCode)")
        seam.control.server.closeAll()
        seam.control.server.sumUpRefusals()
        log.handOverLast()
        seam.logs.close()
        host.releaseControlSocket(
            leavesNothing: reporter.record.abandonedProcesses.isEmpty && reporter.record.foundAllStrays
                && !seam.hasRunning,
            by: machine.absoluteDeadline)
        exitCode = report.exitCode
    }
}

// MARK: - What is told

extension DrainConductor {
    /// The drain's report as it stands.
    func report() -> DrainReport { reporter.report(of: machine) }

    /// The report of the whole, made once: everybody who is told is told the same.
    func finalReport() -> DrainReport { reporter.finalReport(of: machine) }

    /// Tells the host when the drain ends at the latest, and what is to be told then.
    func enforceEnd() {
        if case .idle = machine.stage, !reporter.hasEndToKeep { return }
        reporter.enforceEnd(of: machine)
    }
}
