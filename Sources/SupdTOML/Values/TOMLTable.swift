/// A table, its entries in the order of the text, each name once. A class, as the value of a key is copied wherever that is looked at.
package final class TOMLTable: Sendable {
    /// The entries in the order in which their names came first.
    package let entries: [TOMLEntry]
    /// What was set once more, each an error that was reported. To be checked in the same pass, for nothing else.
    package let repetitions: [TOMLEntry]
    /// Where it begins: the `[` of its header, the `{` of an inline table, or the key that made it by being dotted. The
    /// document itself begins at 1:1.
    package let position: TOMLPosition
    /// Whether all its lines could be read. Where not, a name that is absent may have been meant to be there.
    package let isComplete: Bool

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
    package subscript(name: String) -> TOMLEntry? {
        index.place(of: name, among: entries).map { entries[$0] }
    }
}

/// A key and its value.
package struct TOMLEntry: Sendable, Keyed {
    /// The key.
    package let key: TOMLKey
    /// The value.
    package let value: TOMLNode
}

/// One part of a key: `a.b = 1` and `[a.b]` have two.
package struct TOMLKey: Hashable, Sendable {
    /// The name without quotes, escapes resolved.
    package let name: String
    /// Where it is first written.
    package let position: TOMLPosition
}

/// A value and its place.
package struct TOMLNode: Sendable {
    /// The value.
    package let value: TOMLValue
    /// Where the value begins; of a table its ``TOMLTable/position``, of an array of tables that of its first header.
    package let position: TOMLPosition
}
