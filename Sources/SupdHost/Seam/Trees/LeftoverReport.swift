/// What was found of earlier daemons of the same control socket.
package struct LeftoverReport: Hashable, Sendable {
    /// Theirs, which were killed.
    package var leftovers: [Leftover]
    /// Children that had not begun their programs, and never will: they were killed.
    package var unbegun: [ProcessDetail] = []
    /// Processes that could not be looked at in time: they may be theirs.
    package var unread: [ProcessDetail]
    /// Whether the machine's processes could be listed.
    package var isWhole: Bool

    /// A report of these.
    package init(_ leftovers: [Leftover] = [], unread: [ProcessDetail] = [], isWhole: Bool = true) {
        self.leftovers = leftovers
        self.unread = unread
        self.isWhole = isWhole
    }
}

/// What an earlier daemon of the same control socket has left of one instance.
package struct Leftover: Hashable, Sendable {
    /// The instance's name as it was then.
    package var instance: String
    /// The processes that were found and killed.
    package var killed: [ProcessDetail]
    /// Those of them that have not ended.
    package var remaining: [ProcessDetail]

    /// Leftovers of these.
    package init(instance: String, killed: [ProcessDetail], remaining: [ProcessDetail] = []) {
        self.instance = instance
        self.killed = killed
        self.remaining = remaining
    }
}
