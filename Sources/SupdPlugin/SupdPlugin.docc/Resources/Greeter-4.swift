public import SupdPlugin

/// Restarts what fails while people are friendly to it, says goodbye on the way down, and shows that it lives.
public struct Greeter: Plugin {
    /// `greeter`: its options stand in `[plugins.greeter]`.
    public let name = "greeter"
    /// The version, for people.
    public let version = "1.0"
    /// What `supd plugins` says of it.
    public let summary = "Greets on the way up and says goodbye on the way down."
    /// What `[plugins.greeter]` may say.
    public let options = [
        OptionDeclaration("name", .text, standard: .text("world"), "Who is greeted."),
        OptionDeclaration("budget", .duration, standard: .duration(.seconds(1)), "How long a goodbye may take."),
    ]

    /// The plugin.
    public init() {}

    /// What the configuration can name: the policies of this daemon, and a hook.
    public func register(in registrar: inout PluginRegistrar) {
        registrar.restartPolicy("friendly") { (_) throws(OptionError) in FriendlyRestart() }
        registrar.backoff("calm") { (_) throws(OptionError) in CalmBackoff() }
        let whom = OptionDeclaration("whom", .text, standard: nil, "Who is taken leave of.")
        registrar.shutdownHook("goodbye", options: [whom]) { (options) throws(OptionError) in
            Goodbye(whom: options.word("whom"))
        }
    }

    /// Refuses nobody's name.
    public func validate(_ options: PluginOptions) throws(OptionError) {
        if options.word("name").isEmpty { throw OptionError(option: "name", message: "must name somebody") }
    }

    /// What runs with the daemon.
    public func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
        let whom = options.word("name")
        activation.job("hello", Hello(whom: whom))
        activation.shutdownHook(
            "goodbye", at: .afterServices, budget: options.duration("budget"), Goodbye(whom: whom))
    }
}
