package import SupdPlugin

/// Deadlines that the loop keeps.
package protocol HostTimers: AnyObject {
    /// Delivers `.timer(token)` at `deadline`. A second call with the same token moves it.
    func arm(_ token: TimerToken, at deadline: MonotonicInstant)
    /// Takes a timer back. Nothing where it is not armed.
    func disarm(_ token: TimerToken)
}
