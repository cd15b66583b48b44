/// A table while the text is read: later lines may add to it. A class, so that the parser can hold the table whose lines
/// it is reading, wherever in the tree that is.
final class TableBuilder {
    /// What made the table, which decides who may add to it.
    enum Origin {
        /// A header of a table inside it (`[a.b]` makes `a`): a header or a dotted key may still define it.
        case implied
        /// Its own header, or the document: only the lines below it.
        case header
        /// A dotted key: only further dotted keys of the same section, and headers of tables inside it.
        case dottedKey
    }

    private struct Entry: Keyed {
        let key: TOMLKey
        let content: Content
    }

    /// What a name stands for.
    enum Content {
        /// A value that nothing can be added to any more, inline tables and arrays included.
        case value(TOMLNode)
        case table(TableBuilder)
        /// The tables of `[[name]]`.
        case tables(TableArrayBuilder)
    }

    var origin: Origin
    var position: TOMLPosition
    /// How many tables and arrays it is inside of, once that is known.
    var depth: Int
    var isComplete = true
    private var entries: [Entry] = []
    private var index = KeyIndex()
    private var repetitions: [(key: TOMLKey, content: Content)] = []

    init(origin: Origin, position: TOMLPosition, depth: Int = 0) {
        self.origin = origin
        self.position = position
        self.depth = depth
    }

    /// The content of a name and where the name was written first.
    subscript(name: String) -> (key: TOMLKey, content: Content)? {
        index.place(of: name, among: entries).map { (entries[$0].key, entries[$0].content) }
    }

    /// Adds a name that is not there yet.
    func append(_ key: TOMLKey, _ content: Content) {
        // Hardly a table has only one.
        if entries.isEmpty { entries.reserveCapacity(4) }
        entries.append(Entry(key: key, content: content))
        index.noteLast(of: entries)
    }

    /// Keeps what a name that is there already is set to once more.
    func repeats(_ key: TOMLKey, _ content: Content) {
        repetitions.append((key, content))
    }

    /// The table as a value. Recursion is bounded by ``TOML/maximumDepth``.
    func finished() -> TOMLTable {
        TOMLTable(
            entries: entries.map { TOMLEntry(key: $0.key, value: $0.content.finished()) },
            repetitions: repetitions.map { TOMLEntry(key: $0.key, value: $0.content.finished()) }, index: index,
            position: position, isComplete: isComplete)
    }
}

/// The tables of `[[name]]` while the text is read.
final class TableArrayBuilder {
    let position: TOMLPosition
    private var tables: [TableBuilder] = []
    /// The last table, which the lines and headers below it add to.
    private(set) var last: TableBuilder

    init(first: TableBuilder) {
        position = first.position
        tables = [first]
        last = first
    }

    func append(_ table: TableBuilder) {
        tables.append(table)
        last = table
    }

    func finished() -> TOMLNode {
        let nodes = tables.map { TOMLNode(value: .table($0.finished()), position: $0.position) }
        return TOMLNode(value: .array(nodes), position: position)
    }
}

extension TableBuilder.Content {
    func finished() -> TOMLNode {
        switch self {
        case .value(let node): node
        case .table(let table): TOMLNode(value: .table(table.finished()), position: table.position)
        case .tables(let array): array.finished()
        }
    }
}
