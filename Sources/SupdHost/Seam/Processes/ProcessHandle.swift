/// A main process that the host started. Handles are never used again.
public struct ProcessHandle: Hashable, Sendable {
    /// The host's own number for it.
    public var rawValue: UInt64

    /// The handle of that number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
