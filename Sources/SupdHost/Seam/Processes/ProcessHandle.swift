/// A main process that the host started, or has adopted. Handles are never used again.
package struct ProcessHandle: Hashable, Sendable {
    /// The host's own number for it.
    package var rawValue: UInt64

    /// The handle of that number.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
