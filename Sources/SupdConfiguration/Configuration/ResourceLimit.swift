/// One resource limit (getrlimit(2)).
public struct ResourceLimit: Hashable, Sendable {
    /// RLIMIT_NOFILE and so on, the kernel's number.
    public var resource: Int32
    /// The soft limit; `UInt64.max` for none.
    public var soft: UInt64
    /// The hard limit; `UInt64.max` for none.
    public var hard: UInt64

    /// A limit of these.
    public init(resource: Int32, soft: UInt64, hard: UInt64) {
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }

    /// The key that `limits` has for it: `nofile`.
    public var name: String {
        ResourceName.allCases.first { $0.number == resource }?.rawValue ?? "resource \(resource)"
    }
}
