/// What a look at a tree found.
package struct TreeLook: Hashable, Sendable {
    /// Its processes, by their numbers.
    package var members: [Int32]
    /// Whether nobody can be missing: every look that it took was made, and nobody hides whose it is. Else it is looked at again soon
    /// (`.adoptedReaped`).
    package var isWhole: Bool

    /// A look of these.
    package init(members: [Int32], isWhole: Bool = true) {
        self.members = members
        self.isWhole = isWhole
    }

    /// Whether the tree is proved gone.
    package var isProvedGone: Bool { members.isEmpty && isWhole }
}
