package import SupdPlugin

/// A probe, and when it is asked. The keys are those of Kubernetes' probes, in snake_case.
package struct PlannedProbe: Sendable {
    /// What follows when a health probe has failed.
    package enum OnFailure: String, Hashable, Sendable, CaseIterable {
        /// The service is stopped, and its restart policy asked.
        case restart
        /// It is told and shown; the service runs on.
        case none
    }

    /// Its name in the configuration.
    package var name: String
    /// The plugin it came from.
    package var plugin: String
    /// What is asked.
    package var probe: any Probe
    /// How long after the start of the process, or after the service is up, it is asked first.
    package var initialDelay: Duration = .zero
    /// How long after the beginning of one question the next is asked.
    package var period: Duration
    /// How long an answer may take.
    package var timeout: Duration = .seconds(1)
    /// How many failures in a row make a service unhealthy.
    package var failureThreshold = 1
    /// What follows then.
    package var onFailure = OnFailure.restart

    /// A probe of these, everything else at its standard value.
    package init(name: String, plugin: String, probe: any Probe, period: Duration) {
        self.name = name
        self.plugin = plugin
        self.probe = probe
        self.period = period
    }
}
