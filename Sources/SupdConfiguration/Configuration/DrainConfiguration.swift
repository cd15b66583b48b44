/// `[supervisor.drain]`: one absolute deadline and a budget for each phase, whose sum is within it.
public struct DrainConfiguration: Hashable, Sendable {
    /// The whole drain, from the order to the exit.
    public var timeout: Duration = .seconds(60)
    /// Hooks before; pending restarts are dropped.
    public var quiesce: Duration = .seconds(5)
    /// Jobs that end by themselves.
    public var jobs: Duration = .seconds(10)
    /// Services, in reverse dependency order.
    public var services: Duration = .seconds(40)
    /// Logs, and hooks after.
    public var flush: Duration = .seconds(5)

    /// The standard values.
    public init() {}
}
