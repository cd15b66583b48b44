import HTTPCalls
public import SupdPlugin

/// Runs a command, or calls a webhook, when a service is given up or unhealthy, and around a drain. Without the trait HTTP
/// it refuses a webhook.
public struct Notify: Plugin {
    /// `notify`.
    public let name = "notify"
    /// That of supd.
    public let version = PluginInterface.release
    /// What it does.
    public let summary =
        "Runs a command or calls a webhook when a service is given up or unhealthy, and around a drain."

    private let clock: NotifyClock
    private let caller: HTTPCaller?

    /// The plugin.
    public init() { self.init(clock: .monotonic, caller: .client) }

    /// The plugin on a clock and a network of one's own.
    init(clock: NotifyClock, caller: HTTPCaller?) {
        self.clock = clock
        self.caller = caller
    }

    /// What `[plugins.notify]` says.
    public var options: [OptionDeclaration] { NotifySettings.options }

    /// Refuses options that make no sense together, and a webhook where there is no HTTP.
    public func validate(_ options: PluginOptions) throws(OptionError) {
        _ = try channels(NotifySettings(options))
    }

    /// Listens to the daemon's events, for each way of telling that is set.
    public func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
        let settings = try NotifySettings(options)
        for channel in try channels(settings) {
            activation.eventSink(channel.name, NotifySink(channel, settings, clock: clock))
        }
    }

    private func channels(_ settings: NotifySettings) throws(OptionError) -> [any NotifyChannel] {
        var channels: [any NotifyChannel] = []
        if !settings.command.isEmpty {
            channels.append(CommandChannel(words: settings.command, timeout: settings.timeout, clock: clock))
        }
        if let webhook = settings.webhook {
            guard let caller else { throw OptionError(option: "webhook", message: HTTPCaller.absence) }
            channels.append(WebhookChannel(webhook, timeout: settings.timeout, caller: caller))
        }
        return channels
    }
}
