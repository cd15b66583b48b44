public import Logging

/// What every part of a plugin that runs is given.
///
/// Everything in it may be used from any task and any thread, for as long as the part runs. What is asked of a daemon
/// that is gone is answered with an error, never with silence.
public struct PluginContext: Sendable {
    /// The daemon's log; lines carry the plugin's name.
    public var logger: Logger
    /// The daemon's services.
    public var services: any ServiceControl
    /// Where tasks of one's own are registered.
    public var tasks: any TaskStarter
    /// What runs programs.
    public var processes: any ProcessRunner

    /// A context of these.
    public init(
        logger: Logger, services: any ServiceControl, tasks: any TaskStarter,
        processes: any ProcessRunner = NoProcessRunner()
    ) {
        self.logger = logger
        self.services = services
        self.tasks = tasks
        self.processes = processes
    }
}
