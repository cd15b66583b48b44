/// `[supervisor.drain]`: one absolute deadline and a budget for each phase, whose sum is within it.
package struct DrainConfiguration: Hashable, Sendable {
    /// The whole drain, from the order to the exit.
    package var timeout: Duration = .seconds(60)
    /// Hooks before; pending restarts are dropped.
    package var quiesce: Duration = .seconds(5)
    /// Jobs that end by themselves.
    package var jobs: Duration = .seconds(10)
    /// Services, in reverse dependency order.
    package var services: Duration = .seconds(40)
    /// Logs, and hooks after.
    package var flush: Duration = .seconds(5)

    /// The standard values.
    package init() {}
}
