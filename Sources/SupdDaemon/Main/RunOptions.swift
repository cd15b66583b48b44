import SupdPlugin

/// What `supd run` was asked to run, and how.
struct RunOptions: Equatable {
    /// What the command is called.
    var name: ServiceName
    /// The program and its arguments; not empty.
    var command: [String]
    /// The name of its restart policy.
    var restart = "no"
    /// How long it has to end after the first signal of a stop, before it is killed.
    var timeoutStop: Duration = .seconds(10)
    /// What it is sent where supd gets SIGTERM.
    var stopSignal = Signal.term
}
