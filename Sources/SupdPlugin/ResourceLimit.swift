/// One resource limit (getrlimit(2)); `UInt64.max` is no limit.
package struct ResourceLimit: Hashable, Sendable {
    /// The key that `limits` has for it, and what a failure calls it: `nofile`.
    package var name: String
    /// RLIMIT_NOFILE and so on, the kernel's number.
    package var resource: Int32
    /// The soft limit.
    package var soft: UInt64
    /// The hard limit.
    package var hard: UInt64

    /// A limit of these.
    package init(name: String, resource: Int32, soft: UInt64, hard: UInt64) {
        self.name = name
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }
}
