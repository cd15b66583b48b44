import Glibc

/// The resources of getrlimit(2), by the names that `limits` has for them.
enum ResourceName: String, CaseIterable, Sendable {
    case `as`, core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending
    case stack

    /// The kernel's number on this architecture.
    var number: Int32 {
        let resource: __rlimit_resource =
            switch self {
            case .as: RLIMIT_AS
            case .core: RLIMIT_CORE
            case .cpu: RLIMIT_CPU
            case .data: RLIMIT_DATA
            case .fsize: RLIMIT_FSIZE
            case .locks: __RLIMIT_LOCKS
            case .memlock: __RLIMIT_MEMLOCK
            case .msgqueue: __RLIMIT_MSGQUEUE
            case .nice: __RLIMIT_NICE
            case .nofile: RLIMIT_NOFILE
            case .nproc: __RLIMIT_NPROC
            case .rss: __RLIMIT_RSS
            case .rtprio: __RLIMIT_RTPRIO
            case .rttime: __RLIMIT_RTTIME
            case .sigpending: __RLIMIT_SIGPENDING
            case .stack: RLIMIT_STACK
            }
        return Int32(resource.rawValue)
    }
}
