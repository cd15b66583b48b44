import SupdTOML

/// A value as it stands in a file.
struct SourcedValue {
    let node: TOMLNode
    let file: SourceFile

    /// Where it begins.
    var place: Place { file.place(node.position) }

    var string: String? {
        if case .string(let text) = node.value { return text }
        return nil
    }

    var boolean: Bool? {
        if case .boolean(let value) = node.value { return value }
        return nil
    }

    var integer: Int64? {
        if case .integer(let value) = node.value { return value }
        return nil
    }

    /// A number, whole or not.
    var number: Double? {
        switch node.value {
        case .integer(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    var isWrittenInOctal: Bool {
        file.begins(with: "0o", at: node.position)
    }

    /// Its items where it is an array.
    var items: [TOMLNode]? {
        if case .array(let nodes) = node.value { return nodes }
        return nil
    }

    /// Its keys where it is a table.
    var settings: Settings? {
        guard case .table(let table) = node.value else { return nil }
        return Settings(table, in: file)
    }

    /// What it is, for a message: `the string "yes"`.
    var found: String {
        switch node.value {
        case .string(let text): "the string \(quoted(text))"
        case .integer(let value): "the number \(value)"
        case .float(let value): "the number \(value)"
        case .boolean(let value): "\(value)"
        case .offsetDateTime(let text), .localDateTime(let text), .localDate(let text), .localTime(let text):
            "\(node.value.kindName) \(text)"
        case .array(let items): items.isEmpty ? "an empty list" : "a list"
        case .table: "a table"
        }
    }
}

extension Settings {
    /// The keys of a table in `file`.
    init(_ table: TOMLTable, in file: SourceFile) {
        var list: [Setting] = []
        list.reserveCapacity(table.entries.count + table.repetitions.count)
        func add(_ entry: TOMLEntry, isRepetition: Bool) {
            list.append(
                Setting(
                    key: entry.key.name, place: file.place(entry.key.position),
                    value: SourcedValue(node: entry.value, file: file), isRepetition: isRepetition))
        }
        for entry in table.entries { add(entry, isRepetition: false) }
        for entry in table.repetitions { add(entry, isRepetition: true) }
        self.init(place: file.place(table.position), isComplete: table.isComplete, list: list)
    }
}
