package import SupdPlugin

/// How a reaped process ended.
package enum ProcessStatus: Hashable, Sendable {
    /// `exit` with this code.
    case exited(code: Int32)
    /// Ended by a signal.
    case signaled(Signal, coreDumped: Bool)
    /// Ended by SIGKILL of the kernel's, as its control group had used up its memory (`oom_kill` of memory.events).
    case outOfMemory
    /// Nobody can say: another than the daemon has collected it.
    case unknown
}
