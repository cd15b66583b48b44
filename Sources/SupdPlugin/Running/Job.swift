public import Logging

/// Something that runs beside the services for as long as the daemon does.
///
/// A job is a registered task of phase `jobs`. When a drain comes to that phase the job is told (`JobContext.shutdown`);
/// at the end of the phase's budget its task is cancelled, and three seconds later it is abandoned by name.
///
/// Returning means that it is done; it is not run again. Throwing means that it failed: the error is logged, and the job
/// is not run again. A job is started once, when the daemon is; after `supctl resume` it is started anew.
public protocol Job: Sendable {
    /// Runs until it is done, or told.
    func run(_ context: JobContext) async throws
}

/// What a job is given.
public struct JobContext: Sendable {
    /// Logger, services and tasks. What a job registers is a child of its task.
    public var plugin: PluginContext
    /// Says when the job is to end.
    public var shutdown: ShutdownNotice

    /// A context of these.
    public init(plugin: PluginContext, shutdown: ShutdownNotice) {
        self.plugin = plugin
        self.shutdown = shutdown
    }

    /// The daemon's log.
    public var logger: Logger { plugin.logger }
    /// The daemon's services.
    public var services: any ServiceControl { plugin.services }
}
