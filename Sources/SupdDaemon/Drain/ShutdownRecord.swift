import SupdEngine
import SupdHost
import SupdPlugin
import SupdJSON
import SupdProtocol

/// What a drain remembers for its report.
struct ShutdownRecord {
    var cause = ""
    var startedAt = WallTime(nanoseconds: 0)
    /// The code of what ended or failed, and took the daemon with it.
    var failureCode: Int32?
    /// Whether something has failed for good since that was last looked for (`exit_when`).
    var sawFailure = false
    /// Instances that were killed when the time of the phase was over and their own time to stop was not.
    var cutShort: Set<InstanceID> = []
    /// Those of them that did end by that, by name.
    var killedEarly: [String] = []
    var stopped: [String] = []
    var killed: [String] = []
    var abandonedProcesses: [AbandonedProcess] = []
    /// Whether the last look for processes that no stop was for could be made.
    var foundAllStrays = true
    /// Hooks that threw or did not end, as sentences.
    var hooksFailed: [String] = []
    /// The report of a drain that holds.
    var heldReport: DrainReport?
    /// The last phase has come to where logs and connections are closed.
    var isClosing = false
    /// The event sinks have been told of the end.
    var endWasEmitted = false
    /// The report of the whole, once there is nothing left to report.
    var finalReport: DrainReport?

    /// When the first signal to stop came, and how many have come.
    var firstSignalAt: MonotonicInstant?
    var signals = 0
    /// What the drain's timer is armed for.
    var armedDeadline: MonotonicInstant?

    /// What the host was last told of the end that it keeps.
    struct Enforcement {
        var deadline: MonotonicInstant
        var stage: DrainMachine.Stage
        var renderedAt: MonotonicInstant
    }
    var enforcement: Enforcement?
    /// A signal came in this turn, and may have set a deadline of its own.
    var signalHasCome = false

    mutating func begin(cause: String, at time: WallTime) {
        self.cause = cause
        startedAt = time
    }

    mutating func note(stopped instance: InstanceID, _ name: String, killed: Bool) {
        if killed { self.killed.append(name) } else { stopped.append(name) }
        if killed, cutShort.remove(instance) != nil { killedEarly.append(name) }
    }
}

/// The exit statuses of supd (contract).
enum ExitCode {
    static let done: Int32 = 0
    /// Of a service that has failed, where there is no code of its own.
    static let neverStarted: Int32 = 1
    static let usage: Int32 = 64
    static let alreadyServed: Int32 = 69
    static let internalError: Int32 = 70
    static let tasksAbandoned: Int32 = 75
    static let processesAbandoned: Int32 = 76
    static let forced: Int32 = 77
    static let configurationRefused: Int32 = 78
}

extension Supervisor {
    /// The drain's report as it stands.
    func report() -> DrainReport {
        DrainReport(
            cause: shutdown.cause, startedAt: shutdown.startedAt,
            duration: host.now.duration(since: drain.startedAt), exitCode: reportedExitCode,
            phases: drain.records.map(DrainedPhase.init), tasksCompleted: registry.completedInDrain,
            tasksCancelled: registry.cancelledInDrain,
            tasksAbandoned: registry.abandoned.map { AbandonedTask($0, now: host.now) },
            servicesStopped: shutdown.stopped, servicesKilled: shutdown.killed,
            servicesCutShort: shutdown.killedEarly,
            servicesAbandoned: shutdown.abandonedProcesses, hooksFailed: shutdown.hooksFailed)
    }

    /// The report of the whole, made once: everybody who is told is told the same.
    func finalReport() -> DrainReport {
        if let report = shutdown.finalReport { return report }
        var report = report()
        // The last phase is in it as far as it has come: what is left of it is only to tell.
        if let last = drain.currentRecord(now: host.now) { report.phases.append(DrainedPhase(last)) }
        shutdown.finalReport = report
        return report
    }

    private var reportedExitCode: Int32 {
        if drain.forced { return ExitCode.forced }
        if !shutdown.abandonedProcesses.isEmpty { return ExitCode.processesAbandoned }
        if !registry.abandoned.isEmpty { return ExitCode.tasksAbandoned }
        // A command that was ordered to stop says itself how it ended.
        if let command = oneCommand, fleet[command].wasLaunched { return exitCode(of: command) }
        return shutdown.failureCode ?? ExitCode.done
    }
}

extension DrainReport {
    /// The report in one line for people.
    var sentence: String {
        var parts = ["stopped \(plural(servicesStopped.count, "service"))"]
        if !servicesKilled.isEmpty { parts.append("killed \(servicesKilled.joined(separator: ", "))") }
        if !servicesCutShort.isEmpty {
            parts.append(
                "the time of the shutdown was over before that to stop of \(servicesCutShort.joined(separator: ", ")) "
                    + "('services' of [supervisor.drain])")
        }
        if !servicesAbandoned.isEmpty {
            parts.append("abandoned " + servicesAbandoned.map { "\($0.name) (pid \($0.pid))" }.joined(separator: ", "))
        }
        if !tasksAbandoned.isEmpty {
            parts.append("abandoned tasks " + tasksAbandoned.map(\.name).joined(separator: ", "))
        }
        if !hooksFailed.isEmpty { parts.append("failed hooks: " + hooksFailed.joined(separator: ", ")) }
        return "Shut down after \(duration.text) (\(cause)): " + parts.joined(separator: "; ")
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

/// `1 service`, `2 services`.
func plural(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

extension Supervisor {
    /// The report as one JSON object.
    func reportText(_ report: DrainReport) -> String {
        var writer = JSONWriter()
        report.encode(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The report in the daemon's log: a sentence for people, and all of it where a program reads.
    func tell(_ report: DrainReport) {
        log.notice(report.sentence, log.isForPrograms ? ["report": reportText(report)] : [:], kind: .drainEnded)
    }

    /// How long the report's file is waited for, on a disk that hangs.
    private static let reportTime = Duration.milliseconds(100)

    /// Writes the report beside the socket, for whoever asks later why the daemon ended.
    func writeReport(_ report: DrainReport) {
        // With its slash; none where the path is the name alone, in the current folder.
        guard let socket = settings.socketPath else { return }
        let slash = socket.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(socket[...$0]) } ?? ""
        let path = folder + "last-shutdown.json"
        let contents = Array((reportText(report) + "\n").utf8)
        if let error = host.replaceFile(path: path, contents: contents, within: Self.reportTime) {
            log.warning("the shutdown's report could not be written to \(path): \(error)")
        }
    }
}
