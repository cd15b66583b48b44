public import SupdPlugin

/// The restart policies that systemd.service(5) has under `Restart=`, by the same names: `no`, `on-success`,
/// `on-failure` (the default), `on-abnormal` and `always`. None of them takes an option.
///
/// | ended by                        | no | on-success | on-failure | on-abnormal | always |
/// |---------------------------------|----|------------|------------|-------------|--------|
/// | success                         |    | ×          |            |             | ×      |
/// | another exit code               |    |            | ×          |             | ×      |
/// | another signal                  |    |            | ×          | ×           | ×      |
/// | `timeout_start` overrun         |    |            | ×          | ×           | ×      |
/// | never began (the spawn failed)  |    |            | ×          |             | ×      |
///
/// `restart_prevent_exit_status` wins over all of them, and `restart_force_exit_status` over all but that.
public struct RestartPolicies: Plugin {
    /// `restart-policies`.
    public let name = "restart-policies"

    /// The plugin.
    public init() {}

    /// Registers the five policies.
    public func register(in registrar: inout PluginRegistrar) {
        for (name, policy) in Self.policies {
            registrar.restartPolicy(name, isDefault: name == "on-failure") { (_) throws(OptionError) in policy }
        }
    }

    private static let policies: [(String, any RestartPolicy)] = [
        ("no", NoRestart()),
        ("on-success", RestartOnSuccess()),
        ("on-failure", RestartOnFailure()),
        ("on-abnormal", RestartOnAbnormal()),
        ("always", RestartAlways()),
    ]
}
