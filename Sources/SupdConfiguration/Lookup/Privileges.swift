/// What a process may do of that which services ask for. Root may do all of it; in a container, or of an ordinary user, much cannot be done.
package struct Privileges: Hashable, Sendable {
    /// Whether it may become any user and group (CAP_SETUID, CAP_SETGID), and give them files (CAP_CHOWN).
    package var becomesAnybody: Bool
    /// The lowest niceness that it may have (CAP_SYS_NICE, RLIMIT_NICE).
    package var lowestNice: Int
    /// The lowest OOM score adjustment that it may have (CAP_SYS_RESOURCE).
    package var lowestOOMScore: Int
    /// Hard limits that it cannot raise, by the kernel's number (CAP_SYS_RESOURCE).
    package var hardLimits: [Int32: UInt64]
    /// The lowest port that it may bind (CAP_NET_BIND_SERVICE, net.ipv4.ip_unprivileged_port_start).
    package var lowestPort: UInt16
    /// The controllers that control groups of it may have; nil where that is not known.
    package var controllers: Set<String>?

    /// Everything.
    package init() {
        becomesAnybody = true
        lowestNice = -20
        lowestOOMScore = -1000
        hardLimits = [:]
        lowestPort = 1
    }
}
