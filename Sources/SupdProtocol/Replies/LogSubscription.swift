public import SupdJSON
public import SupdPlugin

/// The reply of `logs.follow`; the lines that come follow as notices.
public struct LogSubscription: Hashable, Sendable {
    /// The number of the last line there was, of whatever service: what comes later is told by a notice. Nil of a daemon that numbers none.
    public var sequence: UInt64?
    /// When this daemon was started: its numbers mean nothing to another one.
    public var started: WallTime?
    /// The last lines of each instance that there were.
    public var services: [ServiceLog]

    /// One that begins after `sequence`.
    public init(sequence: UInt64?, started: WallTime?, services: [ServiceLog] = []) {
        self.sequence = sequence
        self.started = started
        self.services = services
    }
}

extension LogSubscription: WireValue {
    /// Writes `{"sequence":…,"started":…,"services":[…]}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        if let sequence { writer.member("sequence", sequence) }
        if let started { writer.member("started", started) }
        writer.member("services", services)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        sequence = try reader.optionalInteger("sequence")
        started = try reader.optionalTime("started")
        services = try reader.list("services")
    }
}
