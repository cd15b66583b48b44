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

    /// When it was read.
    public var time: WallTime
    /// Where it was written to.
    public var stream: Stream
    /// The line, without its newline; bytes that are no UTF-8 are replaced.
    public var text: String
    /// Whether it was cut, being longer than the service's `max_line`.
    public var truncated: Bool

    /// A line of these.
    public init(time: WallTime, stream: Stream, text: String, truncated: Bool = false) {
        self.time = time
        self.stream = stream
        self.text = text
        self.truncated = truncated
    }
}

extension LogLine: WireValue {
    /// Writes the object of one line; `truncated` only where it is true.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("time", time)
        writer.member("stream", stream.rawValue)
        writer.member("text", text)
        if truncated { writer.member("truncated", true) }
        writer.endObject()
    }

    /// Reads the object of one line.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        time = try reader.time("time")
        stream = try reader.word("stream")
        text = try reader.string("text")
        truncated = reader.value("truncated")?.boolValue ?? false
    }
}

/// The last lines of one instance.
public struct ServiceLog: Hashable, Sendable {
    /// The instance's name.
    public var name: String
    /// The lines, oldest first.
    public var lines: [LogLine]
    /// How many lines were dropped since the daemon started, because they could not be written in time.
    public var dropped: Int

    /// The lines of `name`.
    public init(name: String, lines: [LogLine], dropped: Int = 0) {
        self.name = name
        self.lines = lines
        self.dropped = dropped
    }
}

extension ServiceLog: WireValue {
    /// Writes the object of one instance.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("lines", lines)
        writer.member("dropped", dropped)
        writer.endObject()
    }

    /// Reads the object of one instance.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        lines = try reader.list("lines")
        dropped = try reader.integer("dropped")
    }
}

/// The reply of `logs.read`.
public struct LogRead: Hashable, Sendable {
    /// One entry an instance.
    public var services: [ServiceLog]

    /// The logs of these.
    public init(services: [ServiceLog]) {
        self.services = services
    }
}

extension LogRead: WireValue {
    /// Writes `{"services":[…]}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("services", services)
        writer.endObject()
    }

    /// Reads `{"services":[…]}`.
    public init(from value: JSONValue) throws(WireError) {
        services = try WireReader(value).list("services")
    }
}
