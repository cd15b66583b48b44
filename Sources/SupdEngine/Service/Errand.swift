/// What is done around the life of a main process, by others, while the machine waits: commands of the service and hooks of
/// plugins. Each of them has a deadline of its own that others keep, so the machine has none meanwhile.
package enum Errand: String, Hashable, Sendable, CaseIterable {
    /// Before the program is begun: `exec_start_pre`. Where it fails, the attempt has failed.
    case beforeStart = "before-start"
    /// Once the program has begun or is ready, of a oneshot once it has succeeded: `exec_start_post`. Where it fails, the
    /// attempt has failed.
    case afterStart = "after-start"
    /// Before the first stop signal: hooks, then `exec_stop`.
    case beforeStop = "before-stop"
    /// When the tree is proved gone: `exec_stop_post`, then hooks.
    case afterStop = "after-stop"
}

/// Which errands a service has.
package struct Errands: Hashable, Sendable {
    /// Those with commands: they are run whenever they have their turn.
    package var commands: Set<Errand>
    /// Those with hooks, of the two of a stop: run only where what was up is taken down.
    package var hooks: Set<Errand>

    /// Errands of these.
    package init(commands: Set<Errand> = [], hooks: Set<Errand> = []) {
        self.commands = commands
        self.hooks = hooks
    }
}
