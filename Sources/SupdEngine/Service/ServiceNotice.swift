/// What a program says of itself while it runs (sd_notify(3)), so far as it moves a deadline. That it is ready is an event of its own.
package enum ServiceNotice: Hashable, Sendable {
    /// `WATCHDOG=1`: it is alive.
    case alive
    /// `WATCHDOG_USEC=`: from now on it says so within this time; zero is that it does not.
    case watchdog(every: Duration)
    /// `WATCHDOG=trigger`: it is not well, and knows it.
    case failing
    /// `EXTEND_TIMEOUT_USEC=`: what it is doing takes at least so long from now.
    case needsTime(Duration)
}
