import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol

/// What a drain has to tell: noted as it goes on, and told even where the loop does not come to it.
final class DrainReporter {
    private unowned let seam: any DrainSeam
    private let host: any Host
    private let tasks: DrainTasks
    var record = ShutdownRecord()
    private var end = EndEnforcement()

    /// Of a drain that has not begun.
    init(_ seam: any DrainSeam, _ tasks: DrainTasks) {
        self.seam = seam
        self.tasks = tasks
        host = seam.host
    }

    /// A signal has come, whatever is made of it: it may have set a deadline of the host's.
    func noteSignal() { end.noteSignal() }

    /// The report as it stands.
    func report(of machine: DrainMachine) -> DrainReport {
        record.report(
            of: machine, tasks.registry, exitCode: exitCodeOfCommand, linesLost: linesLost, now: host.now)
    }

    /// The report of the whole, made once: everybody who is told is told the same.
    func finalReport(of machine: DrainMachine) -> DrainReport {
        if let report = record.finalReport { return report }
        record.abandonedProcesses += seam.programsToAbandon()
        let report = report(of: machine).closed(with: machine.currentRecord(now: host.now))
        record.finalReport = report
        return report
    }

    /// Into its file, once, and before anybody has it who waits for it: whoever looks into the file then finds the same there.
    func write(_ report: DrainReport, of machine: DrainMachine) {
        guard !record.isWritten else { return }
        record.isWritten = true
        report.write(beside: seam.settings.socketPath, by: machine.absoluteDeadline, host, seam.log)
    }

    /// Lines that sinks have not taken since the daemon began.
    private var linesLost: Int { seam.logs.router.droppedLines + seam.plugins.sinks.droppedLines }

    /// The drain was ordered.
    func begin(cause: String) { record.begin(cause: cause, at: host.wallClock(), linesLost: linesLost) }

    /// A command of `supd run` that was ordered to stop says itself how it ended.
    private var exitCodeOfCommand: Int32? {
        guard let command = seam.oneCommand, seam.fleet[command].wasLaunched else { return nil }
        return seam.fleet.exitCode(of: command, isOneCommand: true)
    }

    // MARK: The end

    /// Whether the host was told of an end, or may have set one by itself.
    var hasEndToKeep: Bool { end.isKept }

    /// So many of each list does the report have that is told where the loop does not come to the end.
    private static let named = 100

    /// Tells the host when the drain ends at the latest, and what is to be told then. Made several times in a drain, and mostly for nothing:
    /// of a thousand that live no more are looked at than are told.
    func enforceEnd(of machine: DrainMachine) {
        end.keep(machine, host) { deadline in
            enforcedEnd(
                at: deadline,
                report(of: machine).unfinished(
                    of: machine, tasks.registry.oldest(Self.named), processes: seam.mainProcesses(atMost: Self.named),
                    now: host.now, deadline: deadline))
        }
    }

    /// The report is made: whatever hangs from here on, it is told.
    func enforceEnd(_ report: DrainReport) {
        end.keep(host) { enforcedEnd(at: $0, report) }
    }

    /// All is told, and nothing is left but to end.
    func enforceTeardown(_ exitCode: Int32) { end.keepTeardown(host, exitCode: exitCode) }

    private func enforcedEnd(at deadline: MonotonicInstant, _ report: DrainReport) -> EnforcedEnd {
        let left = deadline.duration(since: host.now).clampedNanoseconds
        let line = seam.log.errorLine(
            "\(report.shortened(to: 10).sentence); its loop did not come to the end, which was enforced",
            time: host.wallClock().advanced(byNanoseconds: left))
        return EnforcedEnd(
            deadline: deadline, exitCode: report.exitCode, line: line, report: report.shortened(to: Self.named).line)
    }
}
