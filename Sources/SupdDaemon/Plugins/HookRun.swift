import SupdEngine
import SupdHost
import SupdPlugin

/// The hooks of one point on their way: of the daemon, or of one instance's stop.
struct HookRun {
    /// One of them.
    struct Hook {
        var name: String
        var plugin: String
        var budget: Duration
        var hook: any ShutdownHook
        /// Registered when the run was made, so that a drain waits for it.
        var task: TaskID
    }

    let point: HookPoint
    let hooks: [Hook]
    /// Whose stop it is; nil for a hook of the daemon.
    let instance: (id: InstanceID, attempt: UInt64)?
    var sequence: HookSequence
    /// The work of the hook that runs.
    var current: WorkID?

    /// A run of `hooks` that has not begun.
    init(_ point: HookPoint, _ hooks: [Hook], instance: (id: InstanceID, attempt: UInt64)?) {
        self.point = point
        self.hooks = hooks
        self.instance = instance
        sequence = HookSequence(budgets: hooks.map(\.budget))
    }
}
