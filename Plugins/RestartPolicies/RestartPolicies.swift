public import SupdPlugin

/// The restart policies that come with supd.
///
/// Seven are those of systemd.service(5) under `Restart=`, by the same names, and take no option. `on-failure` is the default.
///
/// | ended by                        | no | on-success | on-failure | on-abnormal | on-abort | on-watchdog | always |
/// |---------------------------------|----|------------|------------|-------------|----------|-------------|--------|
/// | success                         |    | ×          |            |             |          |             | ×      |
/// | another exit code               |    |            | ×          |             |          |             | ×      |
/// | another signal                  |    |            | ×          | ×           | ×        |             | ×      |
/// | `timeout_start` overrun         |    |            | ×          | ×           |          |             | ×      |
/// | no sign of life in `watchdog`   |    |            | ×          | ×           |          | ×           | ×      |
/// | never began (the spawn failed)  |    |            | ×          |             |          |             | ×      |
///
/// Four more take one of these for what they have nothing of their own to say about: `budget`, `circuit-breaker` and `decaying`
/// look at how often it ended of late, `by-status` at how it ended.
///
/// `restart_prevent_exit_status` wins over all of them, and `restart_force_exit_status` over all but that.
public struct RestartPolicies: Plugin {
    /// `restart-policies`.
    public let name = "restart-policies"
    /// That of supd.
    public let version = PluginInterface.release
    /// What it does.
    public let summary = "Whether a service is run again after its end: by how it ended, or by how often it did."

    /// The plugin.
    public init() {}

    /// Registers the eleven policies.
    public func register(in registrar: inout PluginRegistrar) {
        for verdict in Verdict.allCases {
            registrar.restartPolicy(verdict.rawValue, isDefault: verdict == .onFailure) {
                (_) throws(OptionError) in verdict
            }
        }
        registrar.restartPolicy("budget", options: Budget.options) { (options) throws(OptionError) in
            try Budget(options)
        }
        registrar.restartPolicy("circuit-breaker", options: CircuitBreaker.options) { (options) throws(OptionError) in
            try CircuitBreaker(options)
        }
        registrar.restartPolicy("by-status", options: ByStatus.options) { (options) throws(OptionError) in
            try ByStatus(options)
        }
        registrar.restartPolicy("decaying", options: Decaying.options) { (options) throws(OptionError) in
            try Decaying(options)
        }
    }
}
