internal import SupdEngine

/// A main process that the host started, or has adopted. Handles are never used again.
package struct ProcessHandle: Hashable, Sendable {
    /// The host's own number for it.
    package var rawValue: UInt64

    /// The handle of that number.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

extension ProcessHandle: Identity {
    /// Its place in a table, which another process has later.
    package var slot: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
    /// Which use of the place it is.
    package var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }

    /// The handle of these.
    package init(slot: UInt32, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(slot)
    }
}
