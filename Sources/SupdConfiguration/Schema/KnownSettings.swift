import SupdPlugin

/// The settings of a table that takes the keys of `Key`, each with the key that it is: that is found out once.
struct KnownSettings<Key: TableKey> {
    /// Where the table begins.
    let place: Place
    private let isComplete: Bool
    /// In the order of the file, keys that are set once more behind all others.
    private(set) var list: [(key: Key, setting: Setting)] = []
    /// Keys that another one was likely meant to be; they are misspelt, not missing.
    private var misspelt: Set<String> = []

    /// Those of `settings` that the table takes; of others nothing is told.
    init(knownOf settings: Settings) {
        place = settings.place
        isComplete = settings.isComplete
        list.reserveCapacity(settings.list.count)
        for setting in settings.list {
            if let key = Key(rawValue: setting.key) { list.append((key, setting)) }
        }
    }

    /// The same, and every other is refused. A message calls a key by its name after `prefix`, and says `whereabouts` it stands.
    init(
        _ settings: Settings, whereabouts: @autoclosure () -> String = "", prefix: @autoclosure () -> String = "",
        faults: FaultCollector
    ) {
        self.init(knownOf: settings)
        guard list.count < settings.list.count else { return }
        let (whereabouts, prefix) = (whereabouts(), prefix())
        for setting in settings.list where Key(rawValue: setting.key) == nil {
            var message = "unknown key '\(prefix)\(shortened(setting.key))'" + whereabouts
            if let own = Key.counterpart(of: setting.key) {
                misspelt.insert(own)
                message += "; supd calls it '\(prefix)\(own)'"
            } else if !faults.isFull, let close = closestWord(to: setting.key, among: Key.allCases.map(\.rawValue)) {
                misspelt.insert(close)
                message += "; did you mean '\(prefix)\(close)'?"
            }
            faults.add(message, at: setting.place)
        }
    }

    /// The setting of `key`, nil where it is not set.
    subscript(key: Key) -> Setting? {
        // A copy of each that is passed would count up its setting.
        for row in list.indices where list[row].key == key { return list[row].setting }
        return nil
    }

    /// Whether `key` should be here and is not, as far as can be told.
    func lacks(_ key: Key) -> Bool {
        self[key] == nil && isComplete && !misspelt.contains(key.rawValue)
    }

    /// Leaves out what is set of `keys`.
    mutating func remove(_ keys: [Key]) {
        list.removeAll { keys.contains($0.key) }
    }

    /// Puts the setting of `other` beneath, for each key that is set here and is among `keys`, and adds those that are `wanted` of the keys that are not.
    func over(_ other: KnownSettings, merging keys: [Key], where isWanted: (Key) -> Bool) -> KnownSettings {
        var result = self
        for (row, entry) in list.enumerated() where keys.contains(entry.key) {
            if let beneath = other[entry.key] { result.list[row].setting = entry.setting.over(beneath.value) }
        }
        result.list += other.list.filter { self[$0.key] == nil && isWanted($0.key) }
        return result
    }
}
