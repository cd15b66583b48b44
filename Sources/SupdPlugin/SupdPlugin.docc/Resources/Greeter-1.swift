public import SupdPlugin

/// Restarts what fails while people are friendly to it, says goodbye on the way down, and shows that it lives.
public struct Greeter: Plugin {
    /// `greeter`: its options stand in `[plugins.greeter]`.
    public let name = "greeter"
    /// The version, for people.
    public let version = "1.0"
    /// What `supd plugins` says of it.
    public let summary = "Greets on the way up and says goodbye on the way down."

    /// The plugin.
    public init() {}

    /// What the configuration can name: the policies of this daemon.
    public func register(in registrar: inout PluginRegistrar) {
        registrar.restartPolicy("friendly") { (_) throws(OptionError) in FriendlyRestart() }
        registrar.backoff("calm") { (_) throws(OptionError) in CalmBackoff() }
    }
}
