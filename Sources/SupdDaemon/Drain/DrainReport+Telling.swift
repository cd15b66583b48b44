import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

extension DrainReport {
    /// The report in one line for people.
    var sentence: String { sentence(beginning: "Shut down") }

    /// The same of a drain after which the daemon stays.
    var heldSentence: String { sentence(beginning: "Drained") }

    private func sentence(beginning: String) -> String {
        var parts = ["stopped \(plural(servicesStopped.count, "service"))"]
        if !servicesKilled.isEmpty { parts.append("killed \(servicesKilled.joined(separator: ", "))") }
        if !servicesCutShort.isEmpty {
            parts.append(
                "the time of the drain was over before that to stop of \(servicesCutShort.joined(separator: ", ")) "
                    + "('services' of [supervisor.drain])")
        }
        if !servicesAbandoned.isEmpty {
            parts.append("abandoned " + servicesAbandoned.map { "\($0.name) (pid \($0.pid))" }.joined(separator: ", "))
        }
        if !tasksAbandoned.isEmpty {
            parts.append("abandoned tasks " + tasksAbandoned.map(\.name).joined(separator: ", "))
        }
        if !hooksFailed.isEmpty { parts.append("failed hooks: " + hooksFailed.joined(separator: ", ")) }
        if linesLost > 0 { parts.append("lost \(plural(linesLost, "line")) of logs") }
        return "\(beginning) after \(duration.text) (\(cause)): " + parts.joined(separator: "; ")
    }

    /// The report as one JSON object.
    var text: String {
        var writer = JSONWriter()
        encode(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The same as a file has it.
    var line: [UInt8] { Array((text + "\n").utf8) }

    /// Into the daemon's log: a sentence for people, and all of it where a program reads.
    func tell(_ log: DaemonLog) {
        log.notice(sentence, log.isForPrograms ? ["report": text] : [:], kind: .drainEnded)
    }

    /// How long the report's file is waited for at most, on a disk that hangs or a machine that is busy, and at least: what is not written
    /// when the daemon ends is lost.
    private static let longestWriting = Duration.seconds(1)
    private static let shortestWriting = Duration.milliseconds(250)

    /// Into a file beside the control socket, for whoever asks later why the daemon ended, which it does at `deadline`.
    func write(
        beside socket: String?, by deadline: MonotonicInstant, _ host: any HostFiles & HostClock, _ log: DaemonLog
    ) {
        // With its slash; none where the path is the name alone, in the current folder.
        guard let socket else { return }
        let slash = socket.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(socket[...$0]) } ?? ""
        let path = folder + "last-shutdown.json"
        let bound = min(max(deadline.duration(since: host.now), Self.shortestWriting), Self.longestWriting)
        if let error = host.replaceFile(path: path, contents: line, within: bound) {
            let isLate = error.name == "ETIMEDOUT"
            let what =
                isLate
                ? "is not in \(path) after \(bound.text), and may never be: the disk or the machine is too slow"
                : "could not be written to \(path): \(error)"
            log.warning("the drain's report \(what)")
        }
    }

    /// With the phase that it is in, as far as that has come: what is left of it is only to tell.
    func closed(with phase: DrainMachine.PhaseRecord?) -> DrainReport {
        var report = self
        if let phase { report.phases.append(DrainedPhase(phase)) }
        return report
    }

    /// The report as it will be if nothing more happens before `deadline`: what lives now, `tasks` and `processes`, is abandoned. Nothing
    /// is looked up for it that could hang.
    func unfinished(
        of drain: DrainMachine, _ tasks: [TaskRecord], processes: [AbandonedProcess], now: MonotonicInstant,
        deadline: MonotonicInstant
    ) -> DrainReport {
        var report = self
        report.duration = deadline.duration(since: drain.startedAt)
        if let current = drain.currentRecord(now: deadline) {
            var phase = DrainedPhase(current)
            if phase.outcome.known != .forced { phase.outcome = .known(.timedOut) }
            report.phases.append(phase)
            report.tasksAbandoned.append(
                AbandonedTask(
                    name: "event loop", kind: .service, phase: TaskStatus.Phase(current.phase),
                    age: deadline.duration(since: now),
                    registeredAt: "supd"))
        }
        report.tasksAbandoned += tasks.map { AbandonedTask($0, now: deadline) }
        report.servicesAbandoned += processes
        report.exitCode =
            drain.forced
            ? ExitCode.forced
            : report.servicesAbandoned.isEmpty ? ExitCode.tasksAbandoned : ExitCode.processesAbandoned
        return report
    }

    /// With no more than so many of each list, and of a command no more than its beginning.
    func shortened(to count: Int) -> DrainReport {
        var report = self
        report.tasksAbandoned = Array(tasksAbandoned.prefix(count))
        report.servicesAbandoned = servicesAbandoned.prefix(count).map { process in
            var process = process
            process.command = Self.beginning(of: process.command)
            return process
        }
        report.servicesCutShort = Self.shortened(servicesCutShort, to: count)
        report.servicesStopped = Self.shortened(servicesStopped, to: count)
        report.servicesKilled = Self.shortened(servicesKilled, to: count)
        report.hooksFailed = Self.shortened(hooksFailed.map(Self.beginning), to: count)
        return report
    }

    /// Its first 200 characters. They are counted, which takes its time, only where there may be more.
    private static func beginning(of text: String) -> String {
        text.utf8.count > 200 ? String(text.prefix(200)) : text
    }

    private static func shortened(_ names: [String], to count: Int) -> [String] {
        names.count > count ? names.prefix(count) + ["and \(names.count - count) more"] : names
    }
}

extension DrainedPhase {
    init(_ record: DrainMachine.PhaseRecord) {
        let outcome: Outcome =
            switch record.outcome {
            case .completed: .completed
            case .cancelled, .abandoned: .timedOut
            case .forced: .forced
            }
        self.init(phase: TaskStatus.Phase(record.phase), duration: record.duration, outcome: outcome)
    }
}

extension AbandonedTask {
    init(_ record: TaskRecord, now: MonotonicInstant) {
        self.init(
            name: record.name, kind: TaskStatus.Kind(record.kind), phase: TaskStatus.Phase(record.phase),
            age: now.duration(since: record.registeredAt), registeredAt: record.place)
    }
}

extension TaskStatus.Phase {
    init(_ phase: DrainPhase) {
        self =
            switch phase {
            case .announce: .announce
            case .quiesce: .quiesce
            case .jobs: .jobs
            case .services: .services
            case .flush: .flush
            }
    }
}

extension TaskStatus.Kind {
    init(_ kind: TaskKind) {
        self =
            switch kind {
            case .job: .job
            case .service: .service
            case .cleanup: .cleanup
            }
    }
}
