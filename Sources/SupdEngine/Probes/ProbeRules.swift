/// When a probe is asked, and how its answers are weighed. The keys are those of Kubernetes' probes, in snake_case.
package struct ProbeRules: Hashable, Sendable {
    /// How long after its beginning the first question is asked.
    package var initialDelay: Duration
    /// How long after the beginning of a question the next is asked; at once where the answer took longer.
    package var period: Duration
    /// How long an answer may take.
    package var timeout: Duration
    /// How many failures in a row make the verdict `failed`; at least 1.
    package var failureThreshold: Int

    /// Rules of these.
    package init(
        initialDelay: Duration = .zero, period: Duration, timeout: Duration = .seconds(1), failureThreshold: Int = 1
    ) {
        self.initialDelay = initialDelay
        self.period = period
        self.timeout = timeout
        self.failureThreshold = failureThreshold
    }
}
