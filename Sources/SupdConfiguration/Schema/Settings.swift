import SupdPlugin

/// One key of a table with its value.
struct Setting {
    let key: String
    /// Where the key stands.
    let place: Place
    let value: SourcedValue
    /// Whether the key is set a second time, which was told: the value is checked and counts for nothing.
    let isRepetition: Bool
    /// The value that `[defaults]` has for the same key, where the two are taken together.
    var fallback: SourcedValue?
}

/// The keys of a table, perhaps with those of `[defaults]` beneath.
struct Settings {
    /// Where the table begins.
    let place: Place
    /// Whether all of it could be read; where not, what is missing may have been meant to be there.
    let isComplete: Bool
    /// In the order of the file, keys that are set once more behind all others.
    var list: [Setting]
    /// Keys that another one was likely meant to be; they are misspelt, not missing.
    private(set) var misspelt: Set<String> = []

    subscript(key: String) -> Setting? {
        list.first { $0.key == key }
    }

    init(place: Place, isComplete: Bool, list: [Setting]) {
        self.place = place
        self.isComplete = isComplete
        self.list = list
    }

    /// Refuses every key that `Key` does not have, and leaves it out. A message calls a key by its name after `prefix`, and
    /// says `whereabouts` it stands.
    mutating func keepOnly<Key: TableKey>(
        _: Key.Type, whereabouts: String = "", prefix: String = "", faults: FaultCollector
    ) {
        var kept: [Setting] = []
        for setting in list {
            if Key(rawValue: setting.key) != nil {
                kept.append(setting)
                continue
            }
            let name = "'\(prefix)\(shortened(setting.key))'"
            var message = "unknown key \(name)" + whereabouts
            if let own = Key.counterpart(of: setting.key) {
                misspelt.insert(own)
                message += "; supd calls it '\(prefix)\(own)'"
            } else if !faults.isFull, let close = closestWord(to: setting.key, among: Key.allCases.map(\.rawValue)) {
                misspelt.insert(close)
                message += "; did you mean '\(prefix)\(close)'?"
            }
            faults.add(message, at: setting.place)
        }
        list = kept
    }

    /// Whether `key` should be here and is not, as far as can be told.
    func lacks(_ key: some TableKey) -> Bool {
        isComplete && !misspelt.contains(key.rawValue) && self[key.rawValue] == nil
    }
}
