/// What a look at a tree found.
public struct TreeLook: Hashable, Sendable {
    /// Its processes, by their numbers.
    public var members: [Int32]
    /// Whether nobody can be missing: every look that it took was made, and nobody hides whose it is. Else it is looked at again soon
    /// (`.adoptedReaped`).
    public var isWhole: Bool

    /// A look of these.
    public init(members: [Int32], isWhole: Bool = true) {
        self.members = members
        self.isWhole = isWhole
    }

    /// Whether the tree is proved gone.
    public var isProvedGone: Bool { members.isEmpty && isWhole }
}

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
