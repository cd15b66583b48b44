/// Names work that runs off the loop; never used again.
package struct WorkID: Hashable, Sendable {
    /// The number.
    package var rawValue: UInt64

    /// The work of this number.
    package init(rawValue: UInt64) { self.rawValue = rawValue }
}
