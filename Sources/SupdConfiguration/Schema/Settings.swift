import SupdPlugin

/// One key of a table with its value. A class, as many look at each, and a copy counts up all that it refers to.
final class Setting {
    let key: String
    /// Where the key stands.
    let place: Place
    let value: SourcedValue
    /// Whether the key is set a second time, which was told: the value is checked and counts for nothing.
    let isRepetition: Bool
    /// The value that `[defaults]` has for the same key, where the two are taken together.
    let fallback: SourcedValue?

    init(key: String, place: Place, value: SourcedValue, isRepetition: Bool, fallback: SourcedValue? = nil) {
        self.key = key
        self.place = place
        self.value = value
        self.isRepetition = isRepetition
        self.fallback = fallback
    }

    /// The same with what `[defaults]` has beneath it.
    func over(_ fallback: SourcedValue) -> Setting {
        Setting(key: key, place: place, value: value, isRepetition: isRepetition, fallback: fallback)
    }
}

/// The keys of a table, perhaps with those of `[defaults]` beneath.
struct Settings {
    /// Where the table begins.
    let place: Place
    /// Whether all of it could be read; where not, what is missing may have been meant to be there.
    let isComplete: Bool
    /// In the order of the file, keys that are set once more behind all others.
    var list: [Setting]

    subscript(key: String) -> Setting? {
        list.first { $0.key == key }
    }

    /// The setting that was likely meant to be that of `key`, which is not set: it is none of `others` and close to none of them.
    func misspelling(of key: String, among others: @autoclosure () -> [String]) -> Setting? {
        guard self[key] == nil, !list.isEmpty else { return nil }
        let others = others()
        return list.first { !others.contains($0.key) && closestWord(to: $0.key, among: [key] + others) == key }
    }
}
