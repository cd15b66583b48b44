import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The shutdown, from the order to the exit code: it has the walk through the phases, every task that the walk waits for, and what is
/// reported of it. What is to be done in a phase it has others do (`DrainSeam`).
final class DrainConductor {
    /// A second signal sooner than this after the first is taken as the same one sent twice.
    static let signalGuard: Duration = .seconds(1)
    /// Signals to stop. Images set SIGQUIT as their STOPSIGNAL for servers that end gracefully on it, and SIGRTMIN+3 is what a container of
    /// systemd's is sent to have it shut down (systemd(1), "Signals").
    static let stopSignals: [Signal] = [.term, .int, .quit] + [Signal(name: "SIGRTMIN+3")].compactMap { $0 }

    private unowned let seam: any DrainSeam
    private let host: any Host
    private let log: DaemonLog

    private var machine: DrainMachine
    private var registry = TaskRegistry()
    private var record = ShutdownRecord()
    private var end = EndEnforcement()
    /// What the logs hold back is a task that a drain waits for.
    private var logsTask: TaskID?
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
        logsTask = try? register("logs", kind: .cleanup, phase: .flush)
    }

    // MARK: What is asked of it

    var stage: DrainMachine.Stage { machine.stage }
    /// Whether a drain is under way after which the daemon ends.
    var exits: Bool { machine.stage != .idle && machine.exits }
    var isForced: Bool { machine.forced }
    var cause: String { record.cause }
    /// The report of a drain that holds.
    var heldReport: DrainReport? { record.heldReport }
    /// Whether sinks for which nothing waits may go: the last event was given to them.
    var letsSinksGo: Bool { machine.stage == .phase(.flush) && record.endWasEmitted }

    /// What a drain may take. One that is under way keeps what it had when it began.
    var budget: DrainBudget {
        get { machine.budget }
        set {
            guard machine.stage == .idle, newValue != machine.budget else { return }
            machine = DrainMachine(budget: newValue)
            host.allowFirstOrder(EndEnforcement.limit(newValue))
        }
    }

    /// How far a drain is that is under way.
    var status: DrainStatus? {
        guard case .phase(let phase) = machine.stage else { return nil }
        let left = max(machine.absoluteDeadline.duration(since: host.now), .zero)
        return DrainStatus(
            cause: record.cause, phase: TaskStatus.Phase(phase),
            phaseLeft: machine.deadline.map { max($0.duration(since: host.now), .zero) } ?? left, left: left)
    }

    // MARK: What is noted

    /// A signal has come, whatever is made of it: it may have set a deadline of the host's.
    func noteSignal() { end.noteSignal() }

    /// Something has failed for good (`exit_when`).
    func noteFailure() { record.sawFailure = true }

    /// Something has ended or failed that takes the daemon with it. The first is what the daemon's exit status tells of.
    func noteFailure(_ code: Int32) { record.failureCode = record.failureCode ?? code }

    /// An instance was stopped.
    func note(stopped instance: InstanceID, killed: Bool) {
        if registry.gate != .open {
            record.note(stopped: instance, seam.name(of: instance).description, killed: killed)
        }
    }

    /// A hook threw, or did not end.
    func note(failedHook sentence: String) {
        if machine.stage != .idle { record.hooksFailed.append(sentence) }
    }
}

// MARK: - Tasks

extension DrainConductor {
    var gate: TaskRegistry.Gate { registry.gate }

    /// Refuses what starts services while nothing is started.
    func requireOpenGate() throws(ProtocolError) {
        guard registry.gate != .open else { return }
        throw ProtocolError(
            .shuttingDown,
            exits
                ? "supd is shutting down and starts nothing any more"
                : "supd is drained and starts nothing; 'supctl resume' undoes that")
    }

    var taskCount: Int { registry.count }
    /// All that live, oldest first.
    var tasks: [TaskRecord] { registry.tasks }
    /// Their numbers.
    var taskIDs: [TaskID] { registry.taskIDs }

    /// The record of a task; nil once it has ended.
    func task(_ task: TaskID) -> TaskRecord? { registry.record(task) }

    /// Whether a task was told that its time is over.
    func isCancelled(_ task: TaskID) -> Bool { registry.record(task)?.state == .cancelled }

    /// Registers what a drain waits for (`TaskRegistry.register`).
    func register(
        _ name: String, kind: TaskKind, phase: DrainPhase, parent: TaskID? = nil, isOwn: Bool = false,
        file: StaticString = #fileID, line: UInt32 = #line
    ) throws(RegistrationRefusal) -> TaskID {
        try registry.register(
            name, kind: kind, phase: phase, parent: parent, isOwn: isOwn, now: host.now, file: file, line: line)
    }

    /// A task has ended. Nothing for one that is not there any more.
    func complete(_ task: TaskID) { registry.complete(task) }

    /// The tasks of pumps that were done beside have ended.
    func completeEndedPumps() {
        for task in seam.logs.takeEnded() { registry.complete(task) }
    }

    /// Says until when a task has.
    func setDeadline(_ deadline: MonotonicInstant, of task: TaskID) { registry.setDeadline(deadline, of: task) }

    /// A task's time is over: it has until `deadline`, and is to be told.
    func cancel(_ task: TaskID, deadline: MonotonicInstant) { registry.cancel(task, deadline: deadline) }

    /// Nothing waits for the task any more.
    func giveUp(_ task: TaskID) {
        if let task = registry.abandon(task) { say(abandoned: task) }
    }

    private func say(abandoned task: TaskRecord) {
        let age = host.now.duration(since: task.registeredAt).text
        log.error(
            "abandoned \(task.kind.rawValue) '\(task.name)', \(age) old, registered at \(task.place)", kind: .abandoned)
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
                "second signal (\(signal)): the shutdown has \(DrainMachine.escalatedLimit.text) left at most",
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
            record.begin(cause: cause, at: host.wallClock())
            seam.plugins.hooks.register()
            closeGate()
            seam.emit(.drainBegan(cause: cause))
            log.notice("\(exits ? "shutting down" : "draining"): \(cause)", kind: .drainBegan)
            seam.extendTimeout()
        } else if exits {
            record.cause += ", then \(cause)"
        }
        // Before anything is done that may hang.
        enforceEnd()
        perform(actions)
        seam.noteChange()
    }

    /// Kills everything, and ends the daemon.
    func force(cause: String) {
        if machine.stage == .idle {
            record.begin(cause: cause, at: host.wallClock())
            closeGate()
            seam.emit(.drainBegan(cause: cause))
        }
        let actions = machine.force(now: host.now)
        enforceEnd()
        perform(actions)
        seam.noteChange()
    }

    private func closeGate() {
        seam.plugins.probes.endAll()
        registry.beginDrain()
        seam.logs.router.stalls.isDraining = true
    }

    /// Ends the daemon when nothing is left to run, or something has failed, where the configuration says so.
    func endWhenAsked() {
        let exitWhen = seam.settings.exitWhen
        guard exitWhen != .never, machine.stage == .idle else { return }
        let fleet = seam.fleet
        // What was ordered may not be told to all of them yet.
        guard fleet.isSettled, fleet.busy == 0 || exitWhen == .anyFailed && record.sawFailure else { return }
        record.sawFailure = false
        let failure = fleet.firstFailure(of: seam.listed)
        guard fleet.busy == 0 || failure != nil else { return }
        record.failureCode = failure.map {
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
                    : "supd is on its way down, which cannot be undone")
        }
        seam.plugins.hooks.unregister()
        registry.reopen()
        seam.logs.router.stalls.isDraining = false
        record = ShutdownRecord()
        log.notice("resumed by \(seam.sentence(cause)): everything that is enabled is started again", kind: .resumed)
        seam.emit(.resumed(by: cause))
        seam.plugins.startJobsAgain()
        seam.act { fleet, now, random, actions in
            fleet.releaseLaunches()
            fleet.startEnabled(now: now, random: random, into: &actions)
        }
        seam.extendTimeout()
        seam.noteChange()
    }
}

// MARK: - The walk

extension DrainConductor {
    /// Moves the drain on as far as it can go in this turn.
    func advance() {
        while case .phase = machine.stage {
            // In the last phase, what has gone out now completes its task now.
            seam.control.server.flush()
            finishFlushing()
            let before = (machine.stage, machine.deadline)
            perform(machine.advance(now: host.now) { registry.count(in: $0) + (awaitsFleet(in: $0) ? 1 : 0) })
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
            case .enter(let phase, let until): enter(phase, until: until)
            case .cancel(let phase, let until): cancel(phase, until: until)
            case .abandon(let phase): abandon(phase)
            case .killEverything: killEverything()
            case .hold: hold()
            case .finish: finish()
            }
        }
    }

    private func enter(_ phase: DrainPhase, until: MonotonicInstant) {
        registry.setDeadline(until, of: phase)
        log.debug("shutdown: \(phase.name), at most \(until.duration(since: host.now).text)")
        seam.emit(.drainPhase(phase.name))
        switch phase {
        case .announce: break
        case .quiesce:
            seam.act { $0.holdLaunches(cause: .drain, now: $1, random: $2, into: &$3) }
            seam.plugins.hooks.begin(.beforeServices)
        case .jobs: seam.plugins.work.tellJobs()
        case .services: seam.act { $0.stopAll(cause: .drain, now: $1, random: $2, into: &$3) }
        case .flush:
            record.foundAllStrays = seam.killStrays()
            if seam.plugins.hooks.awaits(.afterServices) {
                seam.plugins.hooks.begin(.afterServices)
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
        seam.plugins.hooks.cancel(of: phase)
        for task in told { seam.plugins.work.cancel(of: task.id) }
        switch phase {
        case .services:
            seam.act { $0.killAll(now: $1, random: $2, into: &$3) }
            seam.commands.killDropped()
        case .flush:
            finishLogs()
            seam.logs.giveUpLeaving()
            seam.logs.giveUpFiles()
            completeEndedPumps()
            record.endWasEmitted = true
            seam.plugins.closeIdleSinks()
        case .announce, .quiesce, .jobs: break
        }
    }

    /// The services are killed now. Whose own time to stop is not over is told: it is not they that hang. After a second signal it is the
    /// person who sent that who wants it so.
    private func noteCutShort() {
        guard !machine.isCutShort else { return }
        let fleet = seam.fleet
        record.cutShort = Set(fleet.allInstances.filter { fleet[$0].isLive && !fleet[$0].hasUsedItsStop })
        for instance in record.cutShort.sorted() {
            let steps = fleet[instance].settings.stopSteps.reduce(Duration.zero) { $0 + $1.wait }
            let name = seam.name(of: instance)
            log.write(
                .warning,
                "\(name) is killed before the \(steps.text) it may take to stop are over: raise 'services' of [supervisor.drain]",
                about: name, kind: .stopCutShort)
        }
    }

    private func abandon(_ phase: DrainPhase) {
        seam.plugins.hooks.abandon(of: phase)
        if phase == .flush {
            seam.control.server.completeIdle()
            seam.plugins.sinks.giveUp()
        }
        for task in registry.abandon(phase: phase) {
            seam.plugins.work.remove(of: task.id)
            say(abandoned: task)
        }
        guard phase == .services else { return }
        // The task was abandoned above; what it was about is said once more as what it is: processes.
        for (instance, processes) in seam.processesToAbandon() {
            record.abandonedProcesses += processes
            guard case .stopping = seam.fleet[instance].phase else { continue }
            if let task = seam.logs.finish(instance) { registry.complete(task) }
        }
    }

    private func killEverything() {
        seam.act { $0.stopAll(cause: .drain, now: $1, random: $2, into: &$3) }
        seam.act { $0.killAll(now: $1, random: $2, into: &$3) }
        record.foundAllStrays = host.killAllDescendants(sparing: [], describing: false).isWhole
    }

    private func hold() {
        log.notice("drained: every service is down; supd stays up until it is told to shut down", kind: .drainEnded)
        let report = report()
        record.heldReport = report
        seam.emit(.drainEnded(summary: report.sentence))
        seam.control.waiting.answerDrain(report, alsoOfShutdown: false)
        seam.noteChange()
    }

    /// Everything is down and every hook has run: what the logs and the event sinks still hold is written out.
    func closeLogs() {
        record.isClosing = true
        finishLogs()
        seam.control.waiting.answerAllOfServices()
    }

    /// Completes what the last phase waits for, once it has nothing left. Then those who wait get their report, and the
    /// connections are closed once it has gone out to them.
    private func finishFlushing() {
        guard machine.stage == .phase(.flush), record.isClosing else { return }
        seam.logs.router.flush()
        completeEndedPumps()
        if seam.logs.isSettled, let task = logsTask {
            registry.complete(task)
            logsTask = nil
        }
        let connections = seam.control.server.count
        if !record.endWasEmitted, registry.count(in: .flush) == connections + seam.plugins.sinks.openCount {
            record.endWasEmitted = true
            seam.emit(.drainEnded(summary: report().sentence))
        }
        seam.plugins.closeIdleSinks()
        guard record.finalReport == nil, registry.count(in: .flush) == seam.control.server.count else { return }
        writeReport(finalReport())
        seam.control.waiting.answerDrain(finalReport(), alsoOfShutdown: true)
        seam.control.server.beginClosing()
        // Those that owe nothing are closed now: nothing else would bring about another turn.
        seam.control.server.flush()
    }

    private func finishLogs() {
        for instance in seam.fleet.allInstances {
            if let task = seam.logs.finish(instance) { registry.complete(task) }
        }
    }

    private func finish() {
        registry.close()
        seam.plugins.programs.killAll()
        let report = finalReport()
        end.keep(host) { enforcedEnd(at: $0, report) }
        writeReport(report)
        seam.control.waiting.answerDrain(report, alsoOfShutdown: true)
        seam.control.server.flush()
        report.tell(log)
        end.keepTeardown(host, exitCode: report.exitCode)
        host.notify("STATUS=\(report.sentence)\nEXIT_STATUS=\(report.exitCode)")
        seam.control.server.closeAll()
        seam.control.server.sumUpRefusals()
        seam.logs.close()
        host.releaseControlSocket(
            leavesNothing: record.abandonedProcesses.isEmpty && record.foundAllStrays && !seam.hasRunning,
            by: machine.absoluteDeadline)
        exitCode = report.exitCode
    }
}

// MARK: - The report

extension DrainConductor {
    /// The drain's report as it stands.
    func report() -> DrainReport {
        record.report(of: machine, registry, exitCode: exitCodeOfCommand, now: host.now)
    }

    /// The report of the whole, made once: everybody who is told is told the same.
    func finalReport() -> DrainReport {
        let report = record.finalReport ?? report().closed(with: machine.currentRecord(now: host.now))
        record.finalReport = report
        return report
    }

    /// Into its file, once, and before anybody has it who waits for it: whoever looks into the file then finds the same there.
    private func writeReport(_ report: DrainReport) {
        guard !record.isWritten else { return }
        record.isWritten = true
        report.write(beside: seam.settings.socketPath, host, log)
    }

    /// A command of `supd run` that was ordered to stop says itself how it ended.
    private var exitCodeOfCommand: Int32? {
        guard let command = seam.oneCommand, seam.fleet[command].wasLaunched else { return nil }
        return seam.fleet.exitCode(of: command, isOneCommand: true)
    }

    /// Tells the host when the drain ends at the latest, and what is to be told then.
    func enforceEnd() {
        end.keep(machine, host) { deadline in
            enforcedEnd(
                at: deadline,
                report().unfinished(
                    of: machine, registry, processes: seam.mainProcesses, now: host.now, deadline: deadline))
        }
    }

    private func enforcedEnd(at deadline: MonotonicInstant, _ report: DrainReport) -> EnforcedEnd {
        let wall = host.wallClock().nanoseconds + deadline.duration(since: host.now).clampedNanoseconds
        let line = log.errorLine(
            "\(report.shortened(to: 10).sentence); its loop did not come to the end, which was enforced",
            time: WallTime(nanoseconds: wall))
        return EnforcedEnd(
            deadline: deadline, exitCode: report.exitCode, line: line, report: report.shortened(to: 100).line)
    }
}
