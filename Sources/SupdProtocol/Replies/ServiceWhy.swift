public import SupdJSON

/// What `service.why` says of one instance: what it is, what has led to that, and what would change it.
public struct ServiceWhy: Hashable, Sendable {
    /// What it is, as `service.status` says it.
    public var status: ServiceStatus
    /// Who or what the last order came from: `desired` of the status is what it wants.
    public var cause: EventCause
    /// Where its table begins; nil where no file has it.
    public var source: ServiceSource?
    /// What its probe has answered last; nil where none asks it now.
    public var probe: ProbeAnswer?
    /// What was decided after its last end; nil where it is not as it is by such a decision.
    public var decision: EndDecision?
    /// What it waits for; nil for nothing.
    public var waitsFor: ServiceWait?
    /// What would change it, or will by itself.
    public var remedies: [Remedy]
    /// What has become of it, oldest first: events `state`, `health`, `order` and `apply`, as `events.subscribe` tells them.
    public var history: [EventNotice]
    /// How many there were before these.
    public var forgotten: Int
    /// Its last lines.
    public var log: ServiceLog

    /// What there is to say of `status`.
    public init(
        status: ServiceStatus, cause: EventCause, source: ServiceSource? = nil, probe: ProbeAnswer? = nil,
        decision: EndDecision? = nil, waitsFor: ServiceWait? = nil, remedies: [Remedy] = [],
        history: [EventNotice] = [],
        forgotten: Int = 0, log: ServiceLog
    ) {
        self.status = status
        self.cause = cause
        self.source = source
        self.probe = probe
        self.decision = decision
        self.waitsFor = waitsFor
        self.remedies = remedies
        self.history = history
        self.forgotten = forgotten
        self.log = log
    }
}

extension ServiceWhy: WireValue {
    /// Writes the name, the status as `service.status` has it, and beside that what else there is; what does not apply is null.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", status.name)
        writer.member("status", status)
        writer.member("cause", cause)
        writer.member("source", source)
        writer.member("probe", probe)
        writer.member("decision", decision)
        writer.member("waits_for", waitsFor)
        writer.member("remedies", remedies)
        writer.member("history", history)
        writer.member("forgotten", forgotten)
        writer.member("log", log)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        status = try reader.nested("status")
        cause = try reader.nested("cause")
        source = try reader.optionalNested("source")
        probe = try reader.optionalNested("probe")
        decision = try reader.optionalNested("decision")
        waitsFor = try reader.optionalNested("waits_for")
        remedies = try reader.list("remedies")
        history = try reader.list("history")
        forgotten = try reader.integer("forgotten")
        log = try reader.nested("log")
    }
}

/// The reply of `service.why`.
public struct ServiceWhys: ServiceEntries, Hashable, Sendable {
    /// One entry an instance, in the order of the request.
    public var services: [ServiceWhy]

    /// The list of these.
    public init(services: [ServiceWhy]) {
        self.services = services
    }
}
