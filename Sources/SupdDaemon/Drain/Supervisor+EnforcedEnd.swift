import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// The end of a drain, as the host keeps it where the loop does not come to it: its thread hangs in a call or spins in a policy of a
/// plugin's, or there is no memory to go on with.
extension Supervisor {
    /// So much later than the loop's own does that end come: what the loop needs to tell what it knows.
    private static let lateness: Duration = .milliseconds(250)
    /// The same where the end is forced, and half a second is all there is.
    private static let forcedLateness: Duration = .milliseconds(40)
    /// How often what is known is written down for the host at most, while the drain stays in a phase.
    private static let enforcementPeriod: Duration = .milliseconds(50)
    /// How long the process may take to end once all is told.
    private static let teardownLimit: Duration = .seconds(1)

    /// What orders a daemon with these settings to stop, as its loop would take it.
    static func stopOrders(_ settings: SupervisorSettings, _ drain: DrainBudget) -> StopOrders {
        StopOrders(
            signals: settings.runsOneCommand ? [.term] : Set(stopSignals), first: drain.timeout + lateness,
            second: DrainMachine.escalatedLimit + lateness, third: DrainMachine.forcedLimit + forcedLateness,
            apart: signalGuard)
    }

    /// Tells the host when the drain ends at the latest, and what is to be told then. At every turn: it does something where something
    /// has changed.
    func enforceEnd() {
        switch drain.stage {
        case .idle, .held:
            // A signal sets a deadline by itself, and this one has not led to a drain.
            guard shutdown.enforcement != nil || shutdown.signalHasCome else { return }
            shutdown.enforcement = nil
            host.enforce(nil)
        case .phase:
            let lateness = drain.forced ? Self.forcedLateness : Self.lateness
            let deadline = drain.absoluteDeadline.advanced(by: lateness)
            if let last = shutdown.enforcement, last.stage == drain.stage, last.deadline == deadline,
                !shutdown.signalHasCome, host.now.duration(since: last.renderedAt) < Self.enforcementPeriod
            {
                return
            }
            shutdown.enforcement = .init(deadline: deadline, stage: drain.stage, renderedAt: host.now)
            host.enforce(enforcedEnd(at: deadline, unfinishedReport(at: deadline)))
        case .finished: break
        }
        shutdown.signalHasCome = false
    }

    /// The report is made: whatever hangs from here on, it is told.
    func enforce(_ report: DrainReport) {
        guard let deadline = shutdown.enforcement?.deadline else { return }
        host.enforce(enforcedEnd(at: deadline, report))
    }

    /// All is told, and nothing is left but to end.
    func enforceTeardown(_ report: DrainReport) {
        let limit = host.now.advanced(by: Self.teardownLimit)
        let deadline = min(shutdown.enforcement?.deadline ?? limit, limit)
        host.enforce(EnforcedEnd(deadline: deadline, exitCode: report.exitCode))
    }

    private func enforcedEnd(at deadline: MonotonicInstant, _ report: DrainReport) -> EnforcedEnd {
        let wall = host.wallClock().nanoseconds + deadline.duration(since: host.now).clampedNanoseconds
        let line = log.errorLine(
            "\(report.shortened(to: 10).sentence); its loop did not come to the end, which was enforced",
            time: WallTime(nanoseconds: wall))
        return EnforcedEnd(
            deadline: deadline, exitCode: report.exitCode, line: line,
            report: Array((reportText(report.shortened(to: 100)) + "\n").utf8))
    }

    /// The report as it will be if nothing more happens before `deadline`: what lives now is abandoned. Nothing is looked up for it
    /// that could hang.
    private func unfinishedReport(at deadline: MonotonicInstant) -> DrainReport {
        var report = report()
        report.duration = deadline.duration(since: drain.startedAt)
        if let current = drain.currentRecord(now: deadline) {
            var phase = DrainedPhase(current)
            if phase.outcome != .forced { phase.outcome = .timedOut }
            report.phases.append(phase)
            report.tasksAbandoned.append(
                AbandonedTask(
                    name: "event loop", kind: .service, phase: phase.phase,
                    age: deadline.duration(since: host.now), registeredAt: "supd"))
        }
        report.tasksAbandoned += registry.tasks.map { AbandonedTask($0, now: deadline) }
        for (instance, running) in roster.running where running.pid > 0 && !running.isReaped {
            report.servicesAbandoned.append(
                AbandonedProcess(
                    name: name(of: instance).description, pid: running.pid,
                    command: definition(of: instance).execStart.joined(separator: " "),
                    startedAt: wall(fleet[instance].startedAt)))
        }
        report.exitCode =
            drain.forced
            ? ExitCode.forced
            : report.servicesAbandoned.isEmpty ? ExitCode.tasksAbandoned : ExitCode.processesAbandoned
        return report
    }
}

extension DrainReport {
    /// With no more than so many of each list, and of a command no more than its beginning.
    func shortened(to count: Int) -> DrainReport {
        var report = self
        report.tasksAbandoned = Array(tasksAbandoned.prefix(count))
        report.servicesAbandoned = servicesAbandoned.prefix(count).map { process in
            var process = process
            process.command = String(process.command.prefix(200))
            return process
        }
        report.servicesCutShort = Self.shortened(servicesCutShort, to: count)
        report.servicesStopped = Self.shortened(servicesStopped, to: count)
        report.servicesKilled = Self.shortened(servicesKilled, to: count)
        report.hooksFailed = Self.shortened(hooksFailed.map { String($0.prefix(200)) }, to: count)
        return report
    }

    private static func shortened(_ names: [String], to count: Int) -> [String] {
        names.count > count ? names.prefix(count) + ["and \(names.count - count) more"] : names
    }
}
