/// One instance as a plugin sees it.
public struct ServiceSummary: Hashable, Sendable {
    /// The instance.
    public var name: InstanceName
    /// What it is.
    public var state: ServiceState
    /// What is wanted of it.
    public var desired: DesiredState
    /// Its main process; nil while there is none.
    public var pid: Int32?
    /// How many times its policy has run it again since an order started it.
    public var restarts: Int
    /// How its last run ended; nil before the first end.
    public var lastExit: ExitRecord?
    /// What its health probe says; nil where it has none, or is not RUNNING.
    public var health: ServiceHealth?
    /// Why it is as it is, in a sentence.
    public var reason: String

    /// A summary of these.
    public init(
        name: InstanceName, state: ServiceState, desired: DesiredState, pid: Int32? = nil, restarts: Int = 0,
        lastExit: ExitRecord? = nil, health: ServiceHealth? = nil, reason: String = ""
    ) {
        self.name = name
        self.state = state
        self.desired = desired
        self.pid = pid
        self.restarts = restarts
        self.lastExit = lastExit
        self.health = health
        self.reason = reason
    }
}

/// The daemon's services, for a plugin to look at and to order.
///
/// Selectors are what `supctl` takes: a name, an instance `web@2`, a glob `web@*`, `tag:front`. Each call throws
/// `ServiceControlError` where a selector means nothing, or the daemon takes no such order any more.
///
/// What a control method asks is asked for the client that has called it: it lists what he may observe, and of reasons what he may be
/// told, and orders what he may operate, all of what the selectors mean or nothing. Everything else of a plugin may see and order all.
public protocol ServiceControl: Sendable {
    /// What the selectors mean, as it is now; everything for none.
    func list(_ selectors: [String]) async throws -> [ServiceSummary]
    /// Wants them up, and what they require. Returns when the order is taken, not when they are up.
    func start(_ selectors: [String]) async throws
    /// Wants them down, and what requires them. Returns when the order is taken.
    func stop(_ selectors: [String]) async throws
    /// Wants them down and then up. Returns when the order is taken.
    func restart(_ selectors: [String]) async throws
}

/// Why the daemon did not do what a plugin asked for.
public struct ServiceControlError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What it is.
    public enum Code: String, Hashable, Sendable {
        /// No service is meant by a selector.
        case noSuchService
        /// The client for whom a method was called may not do that with one of them.
        case notPermitted
        /// The daemon is shutting down, drained or gone.
        case shuttingDown
    }

    /// What it is.
    public var code: Code
    /// A sentence.
    public var description: String

    /// The error `code`.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
