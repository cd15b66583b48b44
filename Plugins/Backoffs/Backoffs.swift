public import SupdPlugin

/// The backoffs that come with supd: `constant`, `linear` and `exponential` (the default).
///
/// All take `jitter` and `reset_after`; see `Jitter` for what the words mean.
public struct Backoffs: Plugin {
    /// `backoffs`.
    public let name = "backoffs"
    /// That of supd.
    public let version = PluginInterface.release
    /// What it does.
    public let summary = "How long a service waits before it is run again."

    /// The plugin.
    public init() {}

    /// Registers the three backoffs.
    public func register(in registrar: inout PluginRegistrar) {
        registrar.backoff("constant", options: ConstantBackoff.options) { (options) throws(OptionError) in
            ConstantBackoff(options)
        }
        registrar.backoff("linear", options: LinearBackoff.options) { (options) throws(OptionError) in
            try LinearBackoff(options)
        }
        registrar.backoff("exponential", options: ExponentialBackoff.options, isDefault: true) {
            (options) throws(OptionError) in
            try ExponentialBackoff(options)
        }
    }
}
