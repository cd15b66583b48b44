public import SupdJSON
public import SupdPlugin

/// How an instance's attempt before this one ended, or its last one where none runs.
public struct LastExit: Hashable, Sendable {
    /// For people: `exit code 3`, `killed by SIGSEGV (core dumped)`.
    public var description: String
    /// Whether that was an end with success, by the service's own rules.
    public var success: Bool
    /// Why supd ended it without an order, where it did.
    public var forced: WireWord<ForcedEnd>?
    /// The exit code, where it exited.
    public var code: Int32?
    /// The signal that ended it, by name, where one did.
    public var signal: String?
    /// Whether that signal made it dump core.
    public var coreDumped: Bool
    /// Whether the kernel ended it as its control group had used up its memory.
    public var outOfMemory: Bool
    /// Which command's end it was; nil for the program's own.
    public var command: WireWord<ServiceCommand>?
    /// The error's name (`ENOENT`), where the program never began.
    public var errno: String?
    /// Which step of the start failed, where the program never began.
    public var stage: String?
    /// What that step was applied to, where the program never began: the program's path, the folder, …
    public var subject: String?
    /// When it ended.
    public var at: WallTime
    /// How long it ran.
    public var ranFor: Duration

    /// The end that `record` tells of, which was at `at`.
    public init(_ record: ExitRecord, at: WallTime, success: Bool) {
        self.success = success
        // Most ends have nothing to say beside.
        description = record.outcome.description
        if let command = record.command { description = "\(command.rawValue): \(description)" }
        if let forced = record.forced { description += ", \(forced.circumstance)" }
        if record.isEarly { description += ", before its start counted" }
        forced = record.forced.map { .known($0) }
        command = record.command.map { .known($0) }
        outOfMemory = false
        self.at = at
        ranFor = record.ranFor
        coreDumped = false
        switch record.outcome {
        case .exited(let code):
            self.code = code
        case .signaled(let signal, let coreDumped):
            self.signal = signal.description
            self.coreDumped = coreDumped
        case .outOfMemory:
            signal = Signal.kill.description
            outOfMemory = true
        case .unknown: break
        case .spawnFailed(let failure):
            errno = failure.error.name
            stage = failure.stage.rawValue
            subject = failure.subject
        }
    }
}

extension LastExit: WireValue {
    /// Writes `last_exit`; what does not apply is null.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("description", description)
        writer.member("success", success)
        writer.member("forced", forced?.rawValue)
        writer.member("code", code)
        writer.member("signal", signal)
        writer.member("core_dumped", coreDumped)
        writer.member("out_of_memory", outOfMemory)
        writer.member("command", command?.rawValue)
        writer.member("errno", errno)
        writer.member("stage", stage)
        writer.member("subject", subject)
        writer.member("at", at)
        writer.member("ran_for", ranFor)
        writer.endObject()
    }

    /// Reads `last_exit`.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        description = try reader.string("description")
        success = try reader.bool("success")
        forced = try reader.optionalWord("forced")
        code = try reader.optionalInteger("code")
        signal = try reader.optionalString("signal")
        coreDumped = try reader.bool("core_dumped")
        outOfMemory = try reader.bool("out_of_memory")
        command = try reader.optionalWord("command")
        errno = try reader.optionalString("errno")
        stage = try reader.optionalString("stage")
        subject = try reader.optionalString("subject")
        at = try reader.time("at")
        ranFor = try reader.duration("ran_for")
    }
}

extension ForcedEnd {
    /// When it was ended, as part of a sentence.
    fileprivate var circumstance: String {
        switch self {
        case .startTimeout: "after its start had timed out"
        case .unhealthy: "after it was found unhealthy"
        case .runtimeMax: "after it had run for longer than runtime_max"
        case .watchdog: "after it had given no sign of life within its watchdog"
        case .watchdogTrigger: "after it had asked for that by WATCHDOG=trigger"
        case .commandTimeout: "after it had overrun its timeout"
        }
    }
}
