import SupdPlugin

/// One key of a table with its value.
struct Setting {
    let key: String
    /// Where the key stands.
    let place: Place
    let value: SourcedValue
    /// The value that `[defaults]` has for the same key, where the two are taken together.
    var fallback: SourcedValue?
}

/// The keys of a table, perhaps with those of `[defaults]` beneath.
struct Settings {
    /// Where the table begins.
    let place: Place
    /// Whether all of it could be read; where not, what is missing may have been meant to be there.
    let isComplete: Bool
    /// In the order of the file.
    var list: [Setting]

    subscript(key: String) -> Setting? {
        list.first { $0.key == key }
    }

    /// Refuses every key that `Key` does not have, and leaves it out. `table` is how the table is called.
    mutating func keepOnly<Key: TableKey>(_: Key.Type, in table: String, prefix: String = "", faults: FaultCollector) {
        list.removeAll { setting in
            if Key(rawValue: setting.key) != nil { return false }
            let name = "'\(prefix)\(shortened(setting.key))'"
            if Key.unsupported.contains(setting.key) {
                faults.add("\(name) is not supported by this version of supd", at: setting.place)
                return true
            }
            var message = "unknown key \(name) in \(table)"
            if let close = closestWord(to: setting.key, among: Key.allCases.map(\.rawValue)) {
                message += "; did you mean '\(prefix)\(close)'?"
            }
            faults.add(message, at: setting.place)
            return true
        }
    }
}
