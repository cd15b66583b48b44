public import SupdJSON
public import SupdPlugin

/// The reply of `events.subscribe`; the events follow as notices.
public struct EventSubscription: Hashable, Sendable {
    /// The number of the last event there was. The first notice is of a later one, or of what was asked for by `since`.
    public var sequence: UInt64
    /// When this daemon was started: its numbers mean nothing to another one.
    public var started: WallTime
    /// What the instances are that it is about; none where it goes on after a number. Each is as it is when it is written, so an event
    /// whose `time` is before its `since` is in it already.
    public var services: [ServiceStatus]

    /// A subscription that begins after `sequence`.
    public init(sequence: UInt64, started: WallTime, services: [ServiceStatus] = []) {
        self.sequence = sequence
        self.started = started
        self.services = services
    }

    /// The members before the list, for whoever writes that a few elements at a time.
    public static func encodeHead(sequence: UInt64, started: WallTime, into writer: inout JSONWriter) {
        writer.member("sequence", sequence)
        writer.member("started", started)
    }
}

extension EventSubscription: WireValue {
    /// Writes `{"sequence":…,"started":…,"services":[…]}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        Self.encodeHead(sequence: sequence, started: started, into: &writer)
        writer.member("services", services)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        sequence = try reader.integer("sequence")
        started = try reader.time("started")
        services = try reader.list("services")
    }
}
