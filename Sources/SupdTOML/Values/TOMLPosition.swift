/// A place in a text, as an editor shows it.
public struct TOMLPosition: Hashable, Comparable, Sendable {
    /// From 1.
    public var line: Int
    /// From 1, in Unicode scalars; a byte order mark is not counted.
    public var column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Whether one place is before the other.
    public static func < (one: TOMLPosition, other: TOMLPosition) -> Bool {
        (one.line, one.column) < (other.line, other.column)
    }
}

extension TOMLPosition: CustomStringConvertible {
    /// `LINE:COLUMN`.
    public var description: String { "\(line):\(column)" }
}
