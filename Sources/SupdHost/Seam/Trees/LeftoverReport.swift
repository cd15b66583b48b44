/// What was found of earlier daemons of the same control socket.
public struct LeftoverReport: Hashable, Sendable {
    /// Theirs, which were killed.
    public var leftovers: [Leftover]
    /// Processes that could not be looked at in time: they may be theirs.
    public var unread: [ProcessDetail]
    /// Whether the machine's processes could be listed.
    public var isWhole: Bool

    /// A report of these.
    public init(_ leftovers: [Leftover] = [], unread: [ProcessDetail] = [], isWhole: Bool = true) {
        self.leftovers = leftovers
        self.unread = unread
        self.isWhole = isWhole
    }
}

/// What an earlier daemon of the same control socket has left of one instance.
public struct Leftover: Hashable, Sendable {
    /// The instance's name as it was then.
    public var instance: String
    /// The processes that were found and killed.
    public var killed: [ProcessDetail]
    /// Those of them that have not ended.
    public var remaining: [ProcessDetail]

    /// Leftovers of these.
    public init(instance: String, killed: [ProcessDetail], remaining: [ProcessDetail] = []) {
        self.instance = instance
        self.killed = killed
        self.remaining = remaining
    }
}
