public import SupdPlugin
public import SupdJSON

/// How a drain went: the reply of `supervisor.drain` and `supervisor.shutdown` that wait, and `last-shutdown.json`.
public struct DrainReport: Hashable, Sendable {
    /// Who or what ordered it, as a sentence.
    public var cause: String
    /// When it was ordered.
    public var startedAt: WallTime
    /// From the order to the end.
    public var duration: Duration
    /// What the daemon exits with.
    public var exitCode: Int32
    /// The phases in their order.
    public var phases: [DrainedPhase]
    /// Tasks that ended by themselves.
    public var tasksCompleted: Int
    /// Tasks that ended when they were told to.
    public var tasksCancelled: Int
    /// Tasks that did not end.
    public var tasksAbandoned: [AbandonedTask]
    /// Instances that stopped within their stop steps, by name.
    public var servicesStopped: [String]
    /// Instances that had to be killed, by name.
    public var servicesKilled: [String]
    /// Those of them whose own time to stop was not over when the drain's time for services was, by name. None where a repeated signal ended
    /// that phase, which is `forced` then.
    public var servicesCutShort: [String]
    /// Processes that outlived being killed.
    public var servicesAbandoned: [AbandonedProcess]
    /// Hooks that failed, as sentences.
    public var hooksFailed: [String]
    /// Lines of services, and of the daemon's own log, that their sinks did not take from the order on.
    public var linesLost: Int

    /// A report of these.
    public init(
        cause: String, startedAt: WallTime, duration: Duration, exitCode: Int32, phases: [DrainedPhase],
        tasksCompleted: Int = 0, tasksCancelled: Int = 0, tasksAbandoned: [AbandonedTask] = [],
        servicesStopped: [String] = [], servicesKilled: [String] = [], servicesCutShort: [String] = [],
        servicesAbandoned: [AbandonedProcess] = [], hooksFailed: [String] = [], linesLost: Int = 0
    ) {
        self.cause = cause
        self.startedAt = startedAt
        self.duration = duration
        self.exitCode = exitCode
        self.phases = phases
        self.tasksCompleted = tasksCompleted
        self.tasksCancelled = tasksCancelled
        self.tasksAbandoned = tasksAbandoned
        self.servicesStopped = servicesStopped
        self.servicesKilled = servicesKilled
        self.servicesCutShort = servicesCutShort
        self.servicesAbandoned = servicesAbandoned
        self.hooksFailed = hooksFailed
        self.linesLost = linesLost
    }
}

extension DrainReport: WireValue {
    /// Writes the report.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("cause", cause)
        writer.member("started_at", startedAt)
        writer.member("duration", duration)
        writer.member("exit_code", exitCode)
        writer.member("phases", phases)
        writer.key("tasks")
        writer.beginObject()
        writer.member("completed", tasksCompleted)
        writer.member("cancelled", tasksCancelled)
        writer.member("abandoned", tasksAbandoned)
        writer.endObject()
        writer.key("services")
        writer.beginObject()
        writer.member("stopped", servicesStopped)
        writer.member("killed", servicesKilled)
        writer.member("cut_short", servicesCutShort)
        writer.member("abandoned", servicesAbandoned)
        writer.endObject()
        writer.member("hooks_failed", hooksFailed)
        writer.member("lines_lost", linesLost)
        writer.endObject()
    }

    /// Reads the report.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        cause = try reader.string("cause")
        startedAt = try reader.time("started_at")
        duration = try reader.duration("duration")
        exitCode = try reader.integer("exit_code")
        phases = try reader.list("phases")
        let tasks = try reader.members("tasks")
        tasksCompleted = try tasks.integer("completed")
        tasksCancelled = try tasks.integer("cancelled")
        tasksAbandoned = try tasks.list("abandoned")
        let services = try reader.members("services")
        servicesStopped = try services.strings("stopped")
        servicesKilled = try services.strings("killed")
        servicesCutShort = try services.strings("cut_short")
        servicesAbandoned = try services.list("abandoned")
        hooksFailed = try reader.strings("hooks_failed")
        linesLost = try reader.optionalInteger("lines_lost") ?? 0
    }
}
