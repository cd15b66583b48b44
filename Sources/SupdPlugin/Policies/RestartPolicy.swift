/// What a restart policy answers.
public enum RestartDecision: Hashable, Sendable {
    /// Run it again, after the backoff's delay.
    case restart
    /// Run it again after this long, in place of the backoff's delay. Held within zero and `longestDelay`.
    case restartAfter(Duration)
    /// Leave it as it is.
    case stay
    /// Leave it as it is, and call it FATAL for this reason: a few words that follow a colon, as in `more than 3 restarts
    /// within 5s`. What is shown of it is one line of at most 200 bytes.
    case giveUp(reason: String)

    /// Nothing waits longer than this to be run again, whatever a policy or a backoff answers.
    public static var longestDelay: Duration { .seconds(86_400) }
}

/// Decides whether an instance that ended by itself is run again.
///
/// The decision is pure: same context, same answer. What a policy remembers is the history that it is shown. It is called on
/// the daemon's loop and must not block. It is asked only when the service is wanted up: an ordered stop never reaches it,
/// nor does a start that failed because the system was short of something. The core has the last word: a start limit that
/// is reached, the floor under restarts in a row, or an order to stop, overrules it.
public protocol RestartPolicy: Sendable {
    /// The decision after the end that `context` describes.
    func decide(_ context: RestartContext) -> RestartDecision
}
