public import SupdPlugin

/// Starts services by cron expression, at an interval, and with the daemon.
public struct Schedule: Plugin {
    /// `schedule`.
    public let name = "schedule"
    /// That of supd.
    public let version = PluginInterface.release
    /// What it does.
    public let summary = "Starts services by cron expression, at an interval, and with the daemon."

    private let clock: ScheduleClock

    /// The plugin.
    public init() { self.init(clock: .system) }

    /// The plugin on a clock of one's own.
    init(clock: ScheduleClock) { self.clock = clock }

    /// What `[plugins.schedule]` says.
    public var options: [OptionDeclaration] { ScheduleSettings.options }

    /// Refuses schedules that name no time, or no possible one.
    public func validate(_ options: PluginOptions) throws(OptionError) {
        _ = try ScheduleSettings(options)
    }

    /// Brings its job, where there is a schedule.
    public func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
        let settings = try ScheduleSettings(options)
        guard !settings.entries.isEmpty else { return }
        let runner = ScheduleRunner(settings, clock: clock)
        activation.job("timetable", runner)
        if settings.entries.contains(where: { $0.overlap == .queue }) { activation.eventSink("ends", runner) }
        for method in runner.methods { activation.controlMethod(method) }
    }
}
