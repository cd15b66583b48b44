/// The daemon's own process.
package protocol HostOwnProcess: AnyObject {
    /// The daemon's own process id.
    var ownPID: Int32 { get }
    /// The daemon's own environment: `NAME=value` each, in any bytes but zero.
    var environment: [[UInt8]] { get }
    /// The daemon's own memory in bytes: what is resident, and its share of that (PSS). Zero where it cannot be told.
    func ownMemory() -> (resident: Int, proportional: Int)
    /// Gives back to the system what a large piece of work has left behind, once nothing happens for a moment.
    func giveBackMemory()
    /// Has the process end at `end.deadline`, by a thread that needs nothing of the loop, whatever has become of that by then. A
    /// later call replaces the end before it; nil takes it back.
    func enforce(_ end: EnforcedEnd?)
    /// Has the first order to stop leave so much from now on, where the loop does not answer it.
    func allowFirstOrder(_ limit: Duration)
}
