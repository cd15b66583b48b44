/// What a restart policy answers.
public enum RestartDecision: Hashable, Sendable {
    /// Run it again, after the backoff's delay.
    case restart
    /// Leave it as it is.
    case stay
}

/// Decides whether an instance that ended by itself is run again.
///
/// The decision is pure: same record and rules, same answer; it is called on the daemon's loop and must not
/// block. It is asked only when the service is wanted up: an ordered stop never reaches it. The core has the
/// last word: a start limit that is reached, or an order to stop, overrules `restart`.
public protocol RestartPolicy: Sendable {
    /// The decision after `exit`, for a service with these `rules`.
    func decide(after exit: ExitRecord, rules: ExitStatusRules) -> RestartDecision
}
