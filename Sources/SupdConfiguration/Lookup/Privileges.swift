/// What a process may do of that which services ask for. Root may do all of it; in a container, or of an ordinary user, much cannot be done.
package struct Privileges: Hashable, Sendable {
    /// What it lacks of that which becoming any user and group, and giving them files takes.
    package var lacking: Set<Identifying> = []
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

    /// A capability that has to do with who somebody is (capabilities(7)).
    package enum Identifying: String, CaseIterable, Sendable {
        case setuid = "CAP_SETUID"
        case setgid = "CAP_SETGID"
        case chown = "CAP_CHOWN"
    }

    /// Everything.
    package init() {
        lowestNice = -20
        lowestOOMScore = -1000
        hardLimits = [:]
        lowestPort = 1
    }
}
