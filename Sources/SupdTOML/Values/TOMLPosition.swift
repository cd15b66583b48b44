/// A place in a text, as an editor shows it.
package struct TOMLPosition: Hashable, Comparable, Sendable {
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars; a byte order mark is not counted.
    package var column: Int

    /// A place.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Whether one place is before the other.
    package static func < (one: TOMLPosition, other: TOMLPosition) -> Bool {
        (one.line, one.column) < (other.line, other.column)
    }
}

extension TOMLPosition: CustomStringConvertible {
    /// `LINE:COLUMN`.
    package var description: String { "\(line):\(column)" }
}
