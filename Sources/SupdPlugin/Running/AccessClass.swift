/// What a client must be allowed to before a method is called for it. Each class includes those before it.
public enum AccessClass: String, Hashable, Comparable, Sendable, CaseIterable {
    /// Look at things.
    case observe
    /// Change what runs.
    case operate
    /// Change or end the daemon itself.
    case admin

    /// Whether `lhs` allows less than `rhs`.
    public static func < (lhs: AccessClass, rhs: AccessClass) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .observe: 0
        case .operate: 1
        case .admin: 2
        }
    }
}
