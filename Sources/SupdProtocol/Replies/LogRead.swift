public import SupdPlugin
public import SupdJSON

/// One line that a service wrote.
public struct LogLine: Hashable, Sendable {
    /// Where it was written to.
    public enum Stream: String, Hashable, Sendable, CaseIterable {
        /// Standard output, or both where they share a pipe.
        case stdout
        /// Standard error with a pipe of its own.
        case stderr
    }

    /// Its number, which grows from one to the next, of all services together, by no fixed step; nil of one that has not ended, and of a daemon
    /// that numbers none.
    public var sequence: UInt64?
    /// When it was read.
    public var time: WallTime
    /// Where it was written to.
    public var stream: WireWord<Stream>
    /// How grave it says that it is; nil where it says nothing.
    public var level: SyslogLevel?
    /// The line, without its level and its newline; bytes that are no UTF-8 are replaced.
    public var text: String
    /// Whether it goes on: it was cut, being longer than the service's `max_line`, or than memory has room for.
    public var truncated: Bool

    /// A line of these.
    public init(
        sequence: UInt64? = nil, time: WallTime, stream: Stream, text: String, level: SyslogLevel? = nil,
        truncated: Bool = false
    ) {
        self.sequence = sequence
        self.time = time
        self.stream = .known(stream)
        self.level = level
        self.text = text
        self.truncated = truncated
    }
}

extension LogLine: WireValue {
    /// Writes the object of one line; `sequence` and `level` only where it has one, `truncated` only where it is true.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        encodeMembers(into: &writer)
        writer.endObject()
    }

    func encodeMembers(into writer: inout JSONWriter) {
        if let sequence { writer.member("sequence", sequence) }
        writer.member("time", time)
        writer.member("stream", stream.rawValue)
        if let level { writer.member("level", level.rawValue) }
        writer.member("text", text)
        if truncated { writer.member("truncated", true) }
    }

    /// Reads the object of one line.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        sequence = try reader.optionalInteger("sequence")
        time = try reader.time("time")
        stream = try reader.word("stream")
        level = try reader.optionalWord("level")?.known
        text = try reader.string("text")
        truncated = reader.value("truncated")?.boolValue ?? false
    }
}

/// The last lines of one instance.
public struct ServiceLog: Hashable, Sendable {
    /// Why there are fewer lines than were asked for, although more were written.
    public enum Shortage: String, Hashable, Sendable, CaseIterable {
        /// Older ones had no room in memory any more (`log.memory`).
        case memory
        /// The reply is as long as one may be: older ones are to be had with `before`.
        case reply
        /// None are kept: `log.memory` is 0.
        case memoryOff = "memory-off"
        /// None are kept: the service writes nowhere (`log.sink = "none"`).
        case sinkNone = "sink-none"
        /// None are kept: the service writes to the daemon's own output (`log.sink = "inherit"`).
        case sinkInherit = "sink-inherit"
        /// None are kept: the service writes to the journal itself (`log.sink = "journal-direct"`).
        case sinkJournalDirect = "sink-journal-direct"
    }

    /// The instance's name.
    public var name: String
    /// The lines, oldest first.
    public var lines: [LogLine]
    /// What was written of lines that have not ended yet, such as a prompt: at most one an output.
    public var unfinished: [LogLine]
    /// How many lines were dropped since the daemon started, because they could not be written in time.
    public var dropped: Int
    /// The place of the first line, where there are older ones in memory: with it as `before` they are answered.
    public var earlier: UInt64?
    /// Why there are fewer lines than were asked for; nil where no more were written.
    public var shortage: WireWord<Shortage>?
    /// Whether its standard error has a pipe of its own (`log.stderr = "separate"`), so that its lines are told apart.
    public var separateStderr: Bool

    /// The lines of `name`.
    public init(
        name: String, lines: [LogLine], unfinished: [LogLine] = [], dropped: Int = 0, earlier: UInt64? = nil,
        shortage: Shortage? = nil, separateStderr: Bool = false
    ) {
        self.name = name
        self.lines = lines
        self.unfinished = unfinished
        self.dropped = dropped
        self.earlier = earlier
        self.shortage = shortage.map { .known($0) }
        self.separateStderr = separateStderr
    }
}

extension ServiceLog: WireValue {
    /// Writes the object of one instance; `unfinished`, `earlier`, `shortage` and `separate_stderr` only where there are any.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("lines", lines)
        if !unfinished.isEmpty { writer.member("unfinished", unfinished) }
        writer.member("dropped", dropped)
        if let earlier { writer.member("earlier", earlier) }
        if let shortage { writer.member("shortage", shortage.rawValue) }
        if separateStderr { writer.member("separate_stderr", true) }
        writer.endObject()
    }

    /// Reads the object of one instance.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        lines = try reader.list("lines")
        unfinished = reader.value("unfinished") == nil ? [] : try reader.list("unfinished")
        dropped = try reader.integer("dropped")
        earlier = try reader.optionalInteger("earlier")
        shortage = try reader.optionalWord("shortage")
        separateStderr = reader.value("separate_stderr")?.boolValue ?? false
    }
}

/// The reply of `logs.read`.
public struct LogRead: ServiceEntries, Hashable, Sendable {
    /// One entry an instance.
    public var services: [ServiceLog]

    /// The logs of these.
    public init(services: [ServiceLog]) {
        self.services = services
    }
}
