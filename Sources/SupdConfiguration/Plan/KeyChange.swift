/// A key that says something else than before.
package struct KeyChange: Hashable, Sendable {
    /// Its path in the table: `exec_start`, `log.file`, `environment.MODE`.
    package var key: String
    /// What it said, as TOML spells it; nil where it was not set, or to what holds without it. Of a value that is not to be
    /// shown, `hidden`. At most `SettingsText.longestValue` bytes and a hash of what was longer.
    package var old: String?
    /// What it says now, in the same way.
    package var new: String?
    /// When the change takes effect.
    package var effect: KeyEffect
    /// What holds where it is not set, as TOML spells it; nil where that is nothing, or cannot be spelled.
    package var standard: String?

    /// Stands for a value that is not to be shown, as that of a variable of the environment.
    package static let hidden = "(hidden)"

    /// A change of these.
    package init(key: String, old: String?, new: String?, effect: KeyEffect, standard: String? = nil) {
        self.standard = standard
        self.key = key
        self.old = old
        self.new = new
        self.effect = effect
    }

    /// The change on one line, for people: `timeout_stop: "10s" → "20s"`, `nice: not set → 5`, `environment.TOKEN: (changed)`. Of long
    /// values only what is around their difference, about `limit` characters each.
    package func text(atMost limit: Int = 60) -> String {
        if old == Self.hidden || new == Self.hidden {
            return "\(key): " + (old == nil ? "(set)" : new == nil ? "(removed)" : "(changed)")
        }
        let (old, new) = shortenedValues(atMost: limit)
        let unset = standard.map { "\($0) (standard)" } ?? "not set"
        return "\(key): \(old ?? unset) → \(new ?? unset)"
    }

    /// Both values, cut to about `limit` characters around the place where they begin to differ.
    package func shortenedValues(atMost limit: Int) -> (old: String?, new: String?) {
        guard let old, let new else { return (old.map { cut($0, to: limit) }, new.map { cut($0, to: limit) }) }
        guard max(old.unicodeScalars.count, new.unicodeScalars.count) > limit else { return (old, new) }
        let same = zip(old.unicodeScalars, new.unicodeScalars).prefix { $0 == $1 }.count
        // Enough before the difference to see where it is.
        let skipped = max(same - limit / 3, 0)
        return (cut(old, after: skipped, to: limit), cut(new, after: skipped, to: limit))
    }

    private func cut(_ text: String, after skipped: Int = 0, to limit: Int) -> String {
        let scalars = text.unicodeScalars.dropFirst(skipped)
        let head = String(String.UnicodeScalarView(scalars.prefix(limit)))
        return (skipped > 0 ? "…" : "") + head + (scalars.count > limit ? "…" : "")
    }
}

extension SettingsText {
    /// What is different in `other`, by key; `effect` answers when a change of a key, its old and its new value, takes effect.
    func changes(
        to other: SettingsText, effect: (String, String?, String?) -> KeyEffect
    ) -> [KeyChange] {
        var changes: [KeyChange] = []
        func add(_ key: ArraySlice<UInt8>, _ old: ArraySlice<UInt8>?, _ new: ArraySlice<UInt8>?) {
            let path = String(decoding: key, as: UTF8.self)
            let (old, new) = (old.map(Self.shown), new.map(Self.shown))
            changes.append(KeyChange(key: path, old: old, new: new, effect: effect(path, old, new)))
        }
        for differing in differingEntries(from: other) {
            var (ours, theirs) = (differing.own[...], differing.other[...])
            // Both are in the order of their keys.
            while let key = [ours.first?.key, theirs.first?.key].compactMap(\.self)
                .min(by: { $0.lexicographicallyPrecedes($1) })
            {
                let old = ours.first?.key == key ? ours.removeFirst().value : nil
                let new = theirs.first?.key == key ? theirs.removeFirst().value : nil
                if old != new { add(key, old, new) }
            }
        }
        return changes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    private static func shown(_ value: ArraySlice<UInt8>) -> String {
        value.starts(with: hiddenMark.utf8) ? KeyChange.hidden : String(decoding: value, as: UTF8.self)
    }
}
