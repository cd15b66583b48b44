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
