/// How long a drain may take, `[supervisor.drain]`: one absolute deadline and a budget for each phase, whose sum is within it.
package struct DrainBudget: Hashable, Sendable {
    /// The whole drain, from the order to the end. Nothing goes on after it.
    package var timeout: Duration
    /// Hooks before; pending restarts are dropped.
    package var quiesce: Duration
    /// Jobs that end by themselves.
    package var jobs: Duration
    /// Services, in reverse dependency order.
    package var services: Duration
    /// Logs, connections, and hooks after.
    package var flush: Duration

    /// A budget of these; the standard ones unless told otherwise.
    package init(
        timeout: Duration = .seconds(60), quiesce: Duration = .seconds(5), jobs: Duration = .seconds(10),
        services: Duration = .seconds(40), flush: Duration = .seconds(5)
    ) {
        self.timeout = timeout
        self.quiesce = quiesce
        self.jobs = jobs
        self.services = services
        self.flush = flush
    }
}
