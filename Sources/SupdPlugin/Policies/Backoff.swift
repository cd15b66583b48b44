/// What a backoff may know when it is asked for a delay.
public struct BackoffContext: Hashable, Sendable {
    /// Which restart in a row this is, from 1. A run of `resetAfter` or longer starts the count again.
    public var restart: Int
    /// The delay it gave for the restart before, where there was one in this row.
    public var previousDelay: Duration?
    /// A random number in 0..<1, the only source of chance a backoff has, so that a run can be replayed.
    public var random: Double

    /// A context of these.
    public init(restart: Int, previousDelay: Duration?, random: Double) {
        self.restart = restart
        self.previousDelay = previousDelay
        self.random = random
    }
}

/// Decides how long an instance waits before it is run again.
///
/// Pure, called on the daemon's loop, must not block. The core clamps what it answers to 0…1 day.
public protocol Backoff: Sendable {
    /// The delay before the restart that `context` describes.
    func delay(for context: BackoffContext) -> Duration
    /// A run at least this long counts as stable: the next restart is the first of a new row. Nil: never.
    var resetAfter: Duration? { get }
}
