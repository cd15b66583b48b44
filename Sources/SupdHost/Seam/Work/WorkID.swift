/// Names work that runs off the loop; never used again.
public struct WorkID: Hashable, Sendable {
    /// The number.
    public var rawValue: UInt64

    /// The work of this number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}
