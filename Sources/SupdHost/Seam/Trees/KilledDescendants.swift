/// What a kill of everything found.
public struct KilledDescendants: Hashable, Sendable {
    /// The processes, as they were before.
    public var processes: [ProcessDetail]
    /// Whether none can be left that was not found.
    public var isWhole: Bool

    /// A kill of these.
    public init(_ processes: [ProcessDetail] = [], isWhole: Bool = true) {
        self.processes = processes
        self.isWhole = isWhole
    }
}
