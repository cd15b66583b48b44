/// What a line sets, or what a header opens: `a.b.c`. Most have no table before the last name, and then it takes no memory.
struct DottedKey {
    /// The names before the last, which are those of tables.
    private(set) var tables: [TOMLKey] = []
    /// The name in the innermost of them.
    private(set) var last: TOMLKey

    init(_ key: TOMLKey) { last = key }

    /// Goes on with one more name.
    mutating func append(_ key: TOMLKey) {
        tables.append(last)
        last = key
    }

    /// All names, the first one first.
    var keys: [TOMLKey] { tables + [last] }
}
