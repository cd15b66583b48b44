/// What a kill of everything found.
package struct KilledDescendants: Hashable, Sendable {
    /// The processes, as they were before.
    package var processes: [ProcessDetail]
    /// Whether none can be left that was not found.
    package var isWhole: Bool

    /// A kill of these.
    package init(_ processes: [ProcessDetail] = [], isWhole: Bool = true) {
        self.processes = processes
        self.isWhole = isWhole
    }
}
