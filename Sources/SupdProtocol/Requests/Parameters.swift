public import SupdPlugin

/// Which services a request is about.
public struct ServiceSelection: Hashable, Sendable {
    /// Names, globs and tags as they were given. Only `service.status` may have none, for all services.
    public var services: [String]

    /// These services.
    public init(services: [String] = []) {
        self.services = services
    }

    /// The selectors that `services` are.
    public var selectors: [ServiceSelector] { services.map { ServiceSelector($0) } }
}

/// `service.start`, `service.stop`, `service.restart`, `service.reload`.
public struct OrderParams: Hashable, Sendable {
    /// Names, globs and tags; at least one.
    public var services: [String]
    /// Whether the reply waits until every service is where the order wants it, or has failed.
    public var wait: Bool
    /// How long it waits at most; nil for as long as it takes.
    public var timeout: Duration?

    /// An order to `services`.
    public init(services: [String], wait: Bool = false, timeout: Duration? = nil) {
        self.services = services
        self.wait = wait
        self.timeout = timeout
    }

    /// The selectors that `services` are.
    public var selectors: [ServiceSelector] { services.map { ServiceSelector($0) } }
}

/// `service.scale`.
public struct ScaleParams: Hashable, Sendable {
    /// The service's name.
    public var service: String
    /// How many instances it is to have; within `ProtocolLimits.instances`.
    public var instances: Int
    /// Whether the reply waits until those that are new are up, or have failed, and those that go are down.
    public var wait: Bool
    /// How long it waits at most; nil for as long as it takes.
    public var timeout: Duration?

    /// `instances` of `service`.
    public init(service: String, instances: Int, wait: Bool = false, timeout: Duration? = nil) {
        self.service = service
        self.instances = instances
        self.wait = wait
        self.timeout = timeout
    }
}

/// `service.signal`.
public struct SignalParams: Hashable, Sendable {
    /// Names, globs and tags; at least one.
    public var services: [String]
    /// What their main processes are sent.
    public var signal: Signal

    /// `signal` to `services`.
    public init(services: [String], signal: Signal) {
        self.services = services
        self.signal = signal
    }

    /// The selectors that `services` are.
    public var selectors: [ServiceSelector] { services.map { ServiceSelector($0) } }
}

/// `logs.read`.
public struct LogsParams: Hashable, Sendable {
    /// How many lines where the request does not say.
    public static let standardLines = 20

    /// Names, globs and tags; at least one.
    public var services: [String]
    /// The last so many lines of each instance; within `ProtocolLimits.logLines`.
    public var lines: Int
    /// Only lines before this place, the `earlier` of an earlier reply; for one instance alone.
    public var before: UInt64?

    /// The last `lines` of `services`.
    public init(services: [String], lines: Int = standardLines, before: UInt64? = nil) {
        self.services = services
        self.lines = lines
        self.before = before
    }

    /// The selectors that `services` are.
    public var selectors: [ServiceSelector] { services.map { ServiceSelector($0) } }
}

/// `supervisor.drain`, `supervisor.shutdown`.
public struct DrainParams: Hashable, Sendable {
    /// Whether the reply is the report of the finished drain.
    public var wait: Bool
    /// How long it waits at most; nil for as long as the drain takes, whose own deadline is in the configuration.
    public var timeout: Duration?
    /// Whether everything is killed at once, as at a third signal. Only `supervisor.shutdown` takes it.
    public var now: Bool

    /// A drain that is waited for or not.
    public init(wait: Bool = false, timeout: Duration? = nil, now: Bool = false) {
        self.wait = wait
        self.timeout = timeout
        self.now = now
    }
}
