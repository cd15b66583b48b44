/// What a program says of itself while it runs (sd_notify(3)), so far as the machine wants to know of it. That it is ready is an event of its own.
package enum ServiceNotice: Hashable, Sendable {
    /// `MAINPID=`: another process of it is the main one from now on.
    case mainProcess(Int32)
    /// `WATCHDOG=1`: it is alive.
    case alive
    /// `WATCHDOG_USEC=`: from now on it says so within this time; zero is that it does not.
    case watchdog(every: Duration)
    /// `WATCHDOG=trigger`: it is not well, and knows it.
    case failing
    /// `EXTEND_TIMEOUT_USEC=`: what it is doing takes at least so long from now.
    case needsTime(Duration)
}
