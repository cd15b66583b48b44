public import SupdJSON
public import SupdPlugin

/// The reply of `service.timing`: what the start has taken, in times since the daemon was started.
public struct ServiceTimings: Hashable, Sendable {
    /// When the daemon was started.
    public var started: WallTime
    /// When it was ready: all that is enabled was up, or given up. Nil where it is not yet.
    public var ready: Duration?
    /// One entry an instance.
    public var services: [ServiceTiming]

    /// Times of these.
    public init(started: WallTime, ready: Duration?, services: [ServiceTiming]) {
        self.started = started
        self.ready = ready
        self.services = services
    }

    /// Writes the members before the list, for whoever writes that a few elements at a time.
    public static func encodeHead(started: WallTime, ready: Duration?, into writer: inout JSONWriter) {
        writer.member("started", started)
        writer.member("ready", ready)
    }
}

/// When one instance was started for the first time.
public struct ServiceTiming: Hashable, Sendable {
    /// The instance's name.
    public var name: String
    /// The service's name.
    public var service: String
    /// When its first start began; nil where it has not.
    public var begun: Duration?
    /// When it was up for the first time; nil where it has not been.
    public var up: Duration?

    /// Times of an instance.
    public init(name: String, service: String, begun: Duration?, up: Duration?) {
        self.name = name
        self.service = service
        self.begun = begun
        self.up = up
    }

    /// What it took to be up, starts that failed included; nil where it has not been.
    public var took: Duration? {
        guard let begun, let up else { return nil }
        return up - begun
    }
}

extension ServiceTimings: WireValue {
    /// Writes `{"started":…,"ready":…,"services":[…]}`.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        Self.encodeHead(started: started, ready: ready, into: &writer)
        writer.member("services", services)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        started = try reader.time("started")
        ready = try reader.optionalDuration("ready")
        services = try reader.list("services")
    }
}

extension ServiceTiming: WireValue {
    /// Writes the object of one instance.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("service", service)
        writer.member("begun", begun)
        writer.member("up", up)
        writer.endObject()
    }

    /// Reads it.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        name = try reader.string("name")
        service = try reader.string("service")
        begun = try reader.optionalDuration("begun")
        up = try reader.optionalDuration("up")
    }
}
