/// Why a path of keys leads nowhere; the key is the one to show.
struct PathError: Error {
    let key: TOMLKey
    let message: String
    var isRepetition = false
}

extension TOMLError {
    init(_ error: PathError) {
        self.init(position: error.key.position, message: error.message, isRepetition: error.isRepetition)
    }
}

extension TableBuilder {
    /// Opens the table of `[path]`: `table`, which gets its place in the tree, or the one that others have implied. Where it is defined
    /// already, `table` is kept as its repetition.
    func open(_ path: DottedKey, as table: TableBuilder) throws(PathError) -> TableBuilder {
        let key = path.last
        let parent = try parent(of: path, at: table.position)
        guard let (first, content) = parent[key.name] else {
            try parent.append(key, table)
            return table
        }
        switch content {
        case .table(let former) where former.origin == .implied:
            former.origin = .header
            former.position = table.position
            return former
        case .table(let former):
            let how = former.origin == .dottedKey ? "by a dotted key " : ""
            parent.repeats(key, .table(table))
            throw PathError(
                key: key, message: "the table \(shown(path)) is already defined \(how)at line \(former.position.line)",
                isRepetition: true)
        case .tables(let array):
            throw PathError(
                key: key,
                message: "\(shown(path)) is an array of tables since line \(array.position.line), "
                    + "expected a header in double brackets")
        case .value(let node):
            throw first.isTaken(by: node, path: path.keys[...], key: key)
        }
    }

    /// Makes `element` one more table of `[[path]]`.
    func append(_ element: TableBuilder, to path: DottedKey) throws(PathError) {
        let key = path.last
        let parent = try parent(of: path, at: element.position)
        try element.enter(depth: parent.depth + 2, key)
        guard let (first, content) = parent[key.name] else {
            parent.append(key, .tables(TableArrayBuilder(first: element)))
            return
        }
        switch content {
        case .tables(let array): array.append(element)
        case .table(let table):
            throw PathError(
                key: key,
                message: "\(shown(path)) is already a table at line \(table.position.line), "
                    + "and cannot become an array of tables")
        case .value(let node):
            throw first.isTaken(by: node, path: path.keys[...], key: key)
        }
    }

    /// Sets `path = value`; the names before the last make tables.
    func set(_ path: DottedKey, to node: TOMLNode) throws(PathError) {
        var table = self
        for (place, key) in path.tables.enumerated() {
            guard let (first, content) = table[key.name] else {
                let inner = TableBuilder(origin: .dottedKey, position: key.position)
                try table.append(key, inner)
                table = inner
                continue
            }
            let path = path.tables[...place]
            switch content {
            case .table(let inner) where inner.origin != .header:
                // A table that was only implied becomes defined here, and no header may define it again.
                inner.origin = .dottedKey
                table = inner
            case .table(let inner):
                throw PathError(
                    key: key,
                    message: "the table \(shown(path)) has its own header at line \(inner.position.line), "
                        + "expected its keys below that")
            case .tables(let array):
                throw PathError(
                    key: key,
                    message: "\(shown(path)) is an array of tables since line \(array.position.line), "
                        + "which a dotted key cannot add to")
            case .value(let node):
                throw first.isTaken(by: node, path: path, key: key)
            }
        }
        let last = path.last
        if let (first, _) = table[last.name] {
            table.repeats(last, .value(node))
            throw PathError(
                key: last, message: "the key \(shown(path)) is already set at line \(first.position.line)",
                isRepetition: true)
        }
        table.append(last, .value(node))
    }

    /// The table that the last name of a header is in; those on the way are made where they are absent.
    private func parent(of path: DottedKey, at position: TOMLPosition) throws(PathError) -> TableBuilder {
        var table = self
        for (place, key) in path.tables.enumerated() {
            guard let (first, content) = table[key.name] else {
                let inner = TableBuilder(origin: .implied, position: position)
                try table.append(key, inner)
                table = inner
                continue
            }
            switch content {
            case .table(let inner): table = inner
            case .tables(let array): table = array.last
            case .value(let node): throw first.isTaken(by: node, path: path.tables[...place], key: key)
            }
        }
        return table
    }

    /// Adds a table by a name that is not there yet.
    private func append(_ key: TOMLKey, _ table: TableBuilder) throws(PathError) {
        try table.enter(depth: depth + 1, key)
        append(key, .table(table))
    }

    private func enter(depth: Int, _ key: TOMLKey) throws(PathError) {
        guard depth <= TOML.maximumDepth else {
            throw PathError(key: key, message: "nested deeper than \(TOML.maximumDepth) levels")
        }
        self.depth = depth
    }
}

extension TOMLKey {
    /// The error of a path that goes through this key, whose value is final.
    fileprivate func isTaken(by node: TOMLNode, path: ArraySlice<TOMLKey>, key: TOMLKey) -> PathError {
        let message =
            switch node.value {
            case .table: "\(shown(path)) is an inline table at line \(position.line), which nothing can be added to"
            case .array: "\(shown(path)) is already set to an array at line \(position.line), and cannot be a table"
            default:
                "\(shown(path)) is already set to \(node.value.kindName) at line \(position.line), "
                    + "and cannot be a table"
            }
        return PathError(key: key, message: message)
    }
}
