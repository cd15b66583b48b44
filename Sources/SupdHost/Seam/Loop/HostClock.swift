package import SupdPlugin

/// Time and chance, which what decides gets as parameters.
package protocol HostClock: AnyObject {
    /// The monotonic clock, read once for each turn of the loop.
    var now: MonotonicInstant { get }
    /// The monotonic clock as it is now: for bounds on what one turn may do.
    func readClock() -> MonotonicInstant
    /// Wall time, for display only.
    func wallClock() -> WallTime
    /// A random number in 0..<1.
    func random() -> Double
}
