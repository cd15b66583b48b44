import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What is done in each phase of a drain, when its time is over, and when its grace is, too.
final class DrainPhases {
    private unowned let seam: any DrainSeam
    private let host: any Host
    private let log: DaemonLog
    private let tasks: DrainTasks
    private let reporter: DrainReporter
    /// What the logs hold back is a task that a drain waits for.
    private var logsTask: TaskID?

    /// Of a daemon that has no tasks but its logs.
    init(_ seam: any DrainSeam, _ tasks: DrainTasks, _ reporter: DrainReporter) {
        self.seam = seam
        self.tasks = tasks
        self.reporter = reporter
        host = seam.host
        log = seam.log
        logsTask = try? tasks.register("logs", kind: .cleanup, phase: .flush)
    }

    /// The tasks of pumps that were done beside have ended.
    func completeEndedPumps() {
        for task in seam.logs.takeEnded() { tasks.complete(task) }
    }

    /// It begins, and has until an instant.
    func enter(_ phase: DrainPhase, until: MonotonicInstant) {
        tasks.setDeadline(until, of: phase)
        log.debug("drain: \(phase.name), at most \(until.duration(since: host.now).text)")
        seam.emit(.drainPhase(phase.name))
        switch phase {
        case .announce: break
        case .quiesce:
            seam.act { $0.holdLaunches(cause: .drain, now: $1, random: $2, into: &$3) }
            seam.plugins.hooks.begin(.beforeServices)
        case .jobs: seam.plugins.work.tellJobs()
        case .services: seam.act { $0.stopAll(cause: .drain, now: $1, random: $2, into: &$3) }
        case .flush:
            reporter.record.foundAllStrays = seam.killStrays()
            if seam.plugins.hooks.awaits(.afterServices) {
                seam.plugins.hooks.begin(.afterServices)
            } else {
                closeLogs()
            }
        }
    }

    /// Its time is over: what lives is told, and has until an instant. `isCutShort` where a second signal has brought that about.
    func cancel(_ phase: DrainPhase, until: MonotonicInstant, isCutShort: Bool) {
        let told = tasks.cancel(phase, deadline: until)
        guard !told.isEmpty else { return }
        let names = told.map(\.name).joined(separator: ", ")
        let why =
            isCutShort ? "a repeated signal cuts phase \(phase.name) short" : "the time of phase \(phase.name) is over"
        log.warning("drain: \(why); cancelled: \(names)", kind: .drainPhaseOver)
        if phase == .services, !isCutShort { noteCutShort() }
        seam.plugins.hooks.cancel(of: phase)
        for task in told { seam.plugins.work.cancel(of: task.id) }
        switch phase {
        case .services:
            seam.act { $0.killAll(now: $1, random: $2, into: &$3) }
            seam.commands.killDropped()
        case .flush:
            giveUpLogs()
            reporter.record.endWasEmitted = true
            seam.plugins.closeIdleSinks()
        case .announce, .quiesce, .jobs: break
        }
    }

    /// The services are killed now. Whose own time to stop is not over is told: it is not they that hang. After a second signal it is the
    /// person who sent that who wants it so.
    private func noteCutShort() {
        let fleet = seam.fleet
        reporter.record.cutShort = Set(fleet.allInstances.filter { fleet[$0].isLive && !fleet[$0].hasUsedItsStop })
        for instance in reporter.record.cutShort.sorted() {
            let time = seam.definition(of: instance).conduct.longestStop
            let name = seam.name(of: instance)
            let early = time.map { "before the \($0.text) that it may take are over" } ?? "which may take any time"
            log.write(
                .warning, "the stop of \(name) is cut short, \(early): raise 'services' of [supervisor.drain]",
                about: name, kind: .stopCutShort)
        }
    }

    /// Its grace is over, too: what lives is given up, by name.
    func abandon(_ phase: DrainPhase) {
        seam.plugins.hooks.abandon(of: phase)
        if phase == .flush {
            // Where the whole drain is over before the phase's own time.
            giveUpLogs()
            seam.control.server.completeIdle()
            seam.plugins.sinks.giveUp()
        }
        for task in tasks.giveUp(phase) { seam.plugins.work.remove(of: task.id) }
        guard phase == .services else { return }
        // The task was abandoned above; what it was about is said once more as what it is: processes.
        for (instance, processes) in seam.processesToAbandon() {
            reporter.record.abandonedProcesses += processes
            guard case .stopping = seam.fleet[instance].phase else { continue }
            if let task = seam.logs.finish(instance) { tasks.complete(task) }
        }
    }

    /// There is no time for anything.
    func killEverything() {
        seam.act { $0.stopAll(cause: .drain, now: $1, random: $2, into: &$3) }
        seam.act { $0.killAll(now: $1, random: $2, into: &$3) }
        reporter.record.foundAllStrays = host.killAllDescendants(sparing: [], describing: false).isWhole
    }

    // MARK: The last phase

    /// Everything is down and every hook has run: what the logs and the event sinks still hold is written out.
    func closeLogs() {
        reporter.record.isClosing = true
        finishLogs()
        seam.control.waiting.answerAllOfServices()
    }

    /// Completes what the last phase waits for, once it has nothing left. Then those who wait get their report, and the
    /// connections are closed once it has gone out to them.
    func finishFlushing(_ machine: DrainMachine) {
        guard machine.stage == .phase(.flush), reporter.record.isClosing else { return }
        seam.logs.router.flush()
        completeLogs()
        if !reporter.record.endWasEmitted,
            tasks.count(in: .flush) == seam.control.server.count + seam.plugins.sinks.openCount
        {
            reporter.record.endWasEmitted = true
            seam.emit(.drainEnded(summary: reporter.report(of: machine).sentence))
        }
        seam.plugins.closeIdleSinks()
        guard reporter.record.finalReport == nil, tasks.count(in: .flush) == seam.control.server.count else { return }
        let report = reporter.finalReport(of: machine)
        reporter.write(report, of: machine)
        seam.control.waiting.answerDrain(report, alsoOfShutdown: true)
        seam.control.server.beginClosing()
        // Those that owe nothing are closed now: nothing else would bring about another turn.
        seam.control.server.flush()
    }

    private func finishLogs() {
        for instance in seam.logs.unfinished {
            if let task = seam.logs.finish(instance) { tasks.complete(task) }
        }
    }

    /// No sink is waited for any more: what none has taken is lost, which is told and is no task that was left undone.
    private func giveUpLogs() {
        guard logsTask != nil else { return }
        finishLogs()
        seam.logs.giveUp()
        completeLogs()
    }

    private func completeLogs() {
        completeEndedPumps()
        guard seam.logs.isSettled, let task = logsTask else { return }
        tasks.complete(task)
        logsTask = nil
    }
}
