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
    /// Opens the table of `[path]`; where that is defined already, `other` is kept as its repetition.
    func openTable(
        _ path: [TOMLKey], at position: TOMLPosition, orRepeat other: TableBuilder
    ) throws(PathError) -> TableBuilder {
        let (parent, key) = try parent(of: path, at: position)
        guard let (first, content) = parent[key.name] else {
            return try parent.addTable(key, origin: .header, at: position)
        }
        switch content {
        case .table(let table) where table.origin == .implied:
            table.origin = .header
            table.position = position
            return table
        case .table(let table):
            let how = table.origin == .dottedKey ? "by a dotted key " : ""
            parent.repeats(key, .table(other))
            throw PathError(
                key: key, message: "the table \(shown(path)) is already defined \(how)at line \(table.position.line)",
                isRepetition: true)
        case .tables(let array):
            throw PathError(
                key: key,
                message: "\(shown(path)) is an array of tables since line \(array.position.line), "
                    + "expected a header in double brackets")
        case .value(let node):
            throw first.isTaken(by: node, path: path, key: key)
        }
    }

    /// Opens a new table of `[[path]]`.
    func openElement(_ path: [TOMLKey], at position: TOMLPosition) throws(PathError) -> TableBuilder {
        let (parent, key) = try parent(of: path, at: position)
        let element = TableBuilder(origin: .header, position: position, depth: parent.depth + 2)
        try element.checkDepth(key)
        guard let (first, content) = parent[key.name] else {
            parent.append(key, .tables(TableArrayBuilder(first: element)))
            return element
        }
        switch content {
        case .tables(let array):
            array.append(element)
            return element
        case .table(let table):
            throw PathError(
                key: key,
                message: "\(shown(path)) is already a table at line \(table.position.line), "
                    + "and cannot become an array of tables")
        case .value(let node):
            throw first.isTaken(by: node, path: path, key: key)
        }
    }

    /// Sets `path = value`; the names before the last make tables.
    func set(_ path: [TOMLKey], to node: TOMLNode) throws(PathError) {
        var table = self
        for (place, key) in path.dropLast().enumerated() {
            let path = Array(path[...place])
            guard let (first, content) = table[key.name] else {
                table = try table.addTable(key, origin: .dottedKey, at: key.position)
                continue
            }
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
        guard let last = path.last else { return }
        if let (first, _) = table[last.name] {
            table.repeats(last, .value(node))
            throw PathError(
                key: last, message: "the key \(shown(path)) is already set at line \(first.position.line)",
                isRepetition: true)
        }
        table.append(last, .value(node))
    }

    /// The table that the last name of a header is in; those on the way are made where they are absent.
    private func parent(of path: [TOMLKey], at position: TOMLPosition) throws(PathError) -> (TableBuilder, TOMLKey) {
        var table = self
        for (place, key) in path.dropLast().enumerated() {
            guard let (first, content) = table[key.name] else {
                table = try table.addTable(key, origin: .implied, at: position)
                continue
            }
            switch content {
            case .table(let inner): table = inner
            case .tables(let array): table = array.last
            case .value(let node): throw first.isTaken(by: node, path: Array(path[...place]), key: key)
            }
        }
        return (table, path[path.count - 1])
    }

    private func addTable(_ key: TOMLKey, origin: Origin, at position: TOMLPosition) throws(PathError) -> TableBuilder {
        let table = TableBuilder(origin: origin, position: position, depth: depth + 1)
        try table.checkDepth(key)
        append(key, .table(table))
        return table
    }

    private func checkDepth(_ key: TOMLKey) throws(PathError) {
        guard depth > TOML.maximumDepth else { return }
        throw PathError(key: key, message: "nested deeper than \(TOML.maximumDepth) levels")
    }
}

extension TOMLKey {
    /// The error of a path that goes through this key, whose value is final.
    fileprivate func isTaken(by node: TOMLNode, path: [TOMLKey], key: TOMLKey) -> PathError {
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
