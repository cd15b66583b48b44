/// A place in one of the files that were read.
struct Place: Hashable, Comparable {
    /// Which file, in the order they were read.
    var file: Int
    /// From 1; 0 where the whole file is meant.
    var line: Int
    /// From 1; 0 where the whole file is meant.
    var column: Int

    static func < (lhs: Place, rhs: Place) -> Bool {
        (lhs.file, lhs.line, lhs.column) < (rhs.file, rhs.line, rhs.column)
    }
}
