public import SupdPlugin

/// Runs a command when a service is given up, and when a drain begins and ends.
public struct Notify: Plugin {
    /// `notify`.
    public let name = "notify"
    /// What it does.
    public let summary = "Runs a command when a service is given up, and when a drain begins and ends."

    private let clock: NotifyClock

    /// The plugin.
    public init() { self.init(clock: .monotonic) }

    /// The plugin on a clock of one's own.
    init(clock: NotifyClock) { self.clock = clock }

    /// What `[plugins.notify]` says.
    public var options: [OptionDeclaration] { NotifySettings.options }

    /// Refuses options that make no sense together.
    public func validate(_ options: PluginOptions) throws(OptionError) {
        _ = try NotifySettings(options)
    }

    /// Listens to the daemon's events, where there is a command to run.
    public func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
        let settings = try NotifySettings(options)
        guard !settings.command.isEmpty else { return }
        activation.eventSink("command", CommandSink(settings, clock: clock))
    }
}
