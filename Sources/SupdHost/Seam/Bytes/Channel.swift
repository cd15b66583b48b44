/// A descriptor that the host holds, with a generation so that an event of a closed one is never taken for
/// its successor's.
package struct Channel: Hashable, Sendable {
    /// The descriptor's number, or the simulated host's.
    package var descriptor: Int32
    /// Which use of that number it is.
    package var generation: UInt32

    /// The channel of these.
    package init(descriptor: Int32, generation: UInt32) {
        self.descriptor = descriptor
        self.generation = generation
    }
}
