/// When a service counts as started (systemd.service(5), Type=).
public enum ServiceType: String, Hashable, Sendable, CaseIterable {
    /// Once its program has begun (the exec succeeded).
    case exec
    /// Once its process has ended with success; until then it is STARTING.
    case oneshot
    /// Once its program has said so: `READY=1` (sd_notify(3)).
    case notify
    /// The same, and it reads its configuration anew at `reload_signal`, and says when it has.
    case notifyReload = "notify-reload"

    /// Whether its program says when it is ready.
    public var notifies: Bool { self == .notify || self == .notifyReload }
}

/// Whose words a service's notification socket takes (systemd.service(5), NotifyAccess=).
public enum NotifyAccess: String, Hashable, Sendable, CaseIterable {
    /// Nobody's: there is no such socket.
    case none
    /// Those of the main process.
    case main
    /// Those of the main process and of the service's commands.
    case exec
    /// Those of every process of the service.
    case all
}

/// Which processes a stop reaches (systemd.kill(5), KillMode=).
public enum KillMode: String, Hashable, Sendable, CaseIterable {
    /// The stop signal goes to the service's whole control group, and so does the final SIGKILL. Without control groups the
    /// signal goes to the process group, and to the rest of the tree once the main process has ended.
    case controlGroup = "control-group"
    /// The stop signal goes to the main process only, and SIGKILL to what is left of the tree once that has ended or its time is
    /// over.
    case mixed
    /// Signals go to the main process only; what else the service started is left running.
    case process
}

/// One step of a stop: a signal, and how long to wait for its effect before the next step.
/// After the last step comes SIGKILL.
public struct StopStep: Hashable, Sendable {
    /// What is sent.
    public var signal: Signal
    /// How long the service has to end before the next step.
    public var wait: Duration

    /// A step of `signal` and `wait`.
    public init(signal: Signal, wait: Duration) {
        self.signal = signal
        self.wait = wait
    }
}

/// At most `burst` starts within `interval`; one more makes the service FATAL. A burst of 0 is no limit
/// (systemd.unit(5), StartLimitBurst=).
public struct StartLimit: Hashable, Sendable {
    /// How many starts are allowed in the interval; 0 for no limit.
    public var burst: Int
    /// The sliding interval.
    public var interval: Duration

    /// A limit of `burst` in `interval`.
    public init(burst: Int, interval: Duration) {
        self.burst = burst
        self.interval = interval
    }

    /// Where a service says nothing. It goes with the standard backoff, whose delays up to 30 s leave no room for a limit within seconds: of a
    /// program that fails at once, ten of them are over in 52 s at the most, and one that fails every minute never comes to
    /// ten in five.
    public static let standard = StartLimit(burst: 10, interval: .seconds(300))
}

/// What `supctl` and the protocol call the states of an instance.
public enum ServiceState: String, Hashable, Sendable, CaseIterable {
    /// Not running, its process tree proved gone, and not because it ended by itself.
    case stopped = "STOPPED"
    /// Its process exists and it is not up yet (a oneshot is this while it runs).
    case starting = "STARTING"
    /// Up.
    case running = "RUNNING"
    /// Ended, and waiting to be run again.
    case backoff = "BACKOFF"
    /// On its way down: its process, or something it started, still exists.
    case stopping = "STOPPING"
    /// Ended by itself and not to be run again by its policy; its process tree proved gone.
    case exited = "EXITED"
    /// Given up: it could not be started, or its start limit was reached.
    case fatal = "FATAL"
}

/// What a service's health probe says of it.
public enum ServiceHealth: String, Hashable, Sendable, CaseIterable {
    /// It has not answered yet, or was given up.
    case unknown
    /// It found the service healthy, and has not failed `failure_threshold` times in a row since.
    case healthy
    /// It failed `failure_threshold` times in a row.
    case unhealthy
}

/// What the last order wants of an instance, kept apart from what it is.
public enum DesiredState: String, Hashable, Sendable, CaseIterable {
    /// To be running, or to have done its work.
    case up
    /// To be stopped.
    case down
}
