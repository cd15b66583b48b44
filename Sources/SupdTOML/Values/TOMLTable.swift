/// A table, its entries in the order of the text, each name once.
public struct TOMLTable: Sendable {
    /// The entries in the order in which their names came first.
    public let entries: [TOMLEntry]
    /// What was set once more, each an error that was reported. To be checked in the same pass, for nothing else.
    public let repetitions: [TOMLEntry]
    /// Where it begins: the `[` of its header, the `{` of an inline table, or the key that made it by being dotted. The
    /// document itself begins at 1:1.
    public let position: TOMLPosition
    /// Whether all its lines could be read. Where not, a name that is absent may have been meant to be there.
    public let isComplete: Bool

    private let index: KeyIndex

    init(
        entries: [TOMLEntry], repetitions: [TOMLEntry], index: KeyIndex, position: TOMLPosition, isComplete: Bool
    ) {
        self.entries = entries
        self.repetitions = repetitions
        self.index = index
        self.position = position
        self.isComplete = isComplete
    }

    /// The entry of this name, nil where there is none. Names are the same only if their code points are.
    public subscript(name: String) -> TOMLEntry? {
        index.place(of: name).map { entries[$0] }
    }
}

/// A key and its value.
public struct TOMLEntry: Sendable {
    /// The key.
    public let key: TOMLKey
    /// The value.
    public let value: TOMLNode
}

/// One part of a key: `a.b = 1` and `[a.b]` have two.
public struct TOMLKey: Hashable, Sendable {
    /// The name without quotes, escapes resolved.
    public let name: String
    /// Where it is first written.
    public let position: TOMLPosition
}

/// A value and its place.
public struct TOMLNode: Sendable {
    /// The value.
    public let value: TOMLValue
    /// Where the value begins; of a table its ``TOMLTable/position``, of an array of tables that of its first header.
    public let position: TOMLPosition
}
