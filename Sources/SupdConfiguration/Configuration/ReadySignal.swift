package import SupdPlugin

/// What says that a service is ready without being asked.
package enum ReadySignal: Hashable, Sendable {
    /// Its program, by `READY=1` (sd_notify(3)).
    case notice
    /// Its program, by a newline on this descriptor (s6's notification-fd).
    case descriptor(Int32)
    /// A line that it writes and that fits as a whole.
    case line(Glob)
    /// So much time since its program began.
    case delay(Duration)

    /// The highest number of such a descriptor.
    package static let lastDescriptor = 255
    /// The most bytes of a pattern of a line.
    package static let longestPattern = 1_000
}
