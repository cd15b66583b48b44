import SupdPlugin

/// Something of a plugin, made as the configuration says.
struct PluginValue<Value: Sendable> {
    var value: Value
    /// Its name in the configuration.
    var name: String
    /// The plugin it came from.
    var plugin: String
}

/// Reads what a plugin brings by name, with the options that it declares: `restart`, `backoff`, `hooks`, …
final class PluginReader<Value: Sendable> {
    /// What was named once, and so is likely named again: most services name the same.
    private final class Offer {
        let entry: PluginTable<Value>.Entry
        let reader: OptionsReader
        /// What it makes without an option, once it has.
        var plain: Value?

        init(_ entry: PluginTable<Value>.Entry, _ reader: OptionsReader) {
            self.entry = entry
            self.reader = reader
        }
    }

    /// What is taken where none is named, as TOML spells it; nil where no plugin offers that.
    let standardText: String?
    private let table: PluginTable<Value>
    /// The key that names it.
    private let nameKey: String
    /// Keys beside its options and its name.
    private let reserved: [String]
    /// Words that may stand in the place of a name and are read elsewhere.
    private let others: [String]
    private let faults: FaultCollector
    private let references: OptionReferences
    private var offers: [Offer] = []

    init(
        _ table: PluginTable<Value>, nameKey: String, reserved: [String] = [], others: [String] = [],
        faults: FaultCollector, references: OptionReferences
    ) {
        self.table = table
        self.nameKey = nameKey
        self.reserved = reserved + [nameKey]
        self.others = others
        self.faults = faults
        self.references = references
        standardText = table.standard.map { "\"\($0)\"" }
    }

    /// The value of `subject`, which is `"name"` or `{ NAMEKEY = "name", … }`, or the standard one without a subject.
    /// `place` is where a missing one is told.
    func value(_ subject: Subject?, at place: Place) -> PluginValue<Value>? {
        guard let subject else { return make(standardOffer(at: place), options: nil, subject: nil, at: place) }
        if subject.value.string != nil {
            return make(offer(subject), options: nil, subject: subject, at: subject.place)
        }
        guard var settings = subject.settings else {
            subject.refuse("the name of a \(table.kind), or a table like { \(nameKey) = \"NAME\", … }")
            return nil
        }
        if let misspelt = settings.misspelling(of: nameKey, among: reserved.filter { $0 != nameKey } + optionNames) {
            subject.tellMisspelt(misspelt, for: nameKey)
            // What else is there is of the one that it names.
            settings.list.removeAll { $0.key == misspelt.key }
            return make(offer(subject.member(misspelt)), options: settings, subject: subject, at: subject.place)
        }
        guard let setting = settings[nameKey] else {
            if table.standard == nil { subject.fault("has no '\(nameKey)': name the \(table.kind) that is meant") }
            let standard = table.standard == nil ? nil : standardOffer(at: subject.place)
            return make(standard, options: settings, subject: subject, at: subject.place)
        }
        let named = offer(subject.member(setting))
        return make(named, options: settings, subject: subject, at: subject.place)
    }

    /// What any of them takes.
    private var optionNames: [String] { table.entries.values.flatMap { $0.options.map(\.name) } }

    private func standardOffer(at place: Place) -> Offer? {
        if let standard = table.standard, let offer = offer(named: standard) { return offer }
        faults.add("no \(table.kind) is named, and no plugin of this supd offers a standard one", at: place)
        return nil
    }

    private func offer(_ subject: Subject) -> Offer? {
        guard let name = subject.value.string else {
            subject.refuse("the name of a \(table.kind)")
            return nil
        }
        if let offer = offer(named: name) { return offer }
        // Under a key that is misspelt it was not told from a name before.
        guard !others.contains(name) else { return nil }
        let names = (table.names + others).sorted()
        var message = "unknown \(table.kind) '\(shortened(name))'; "
        message +=
            names.isEmpty ? "no plugin of this supd brings one" : "known are \(names.joined(separator: ", "))"
        if let close = closestWord(to: name, among: names) { message += "; did you mean '\(close)'?" }
        faults.add(message, at: subject.place)
        return nil
    }

    private func offer(named name: String) -> Offer? {
        if let known = offers.first(where: { $0.entry.name == name }) { return known }
        guard let entry = table[name] else { return nil }
        let reader = OptionsReader(
            declarations: entry.options, owner: "\(table.kind) '\(name)'", reserved: reserved, faults: faults,
            references: references)
        let offer = Offer(entry, reader)
        offers.append(offer)
        return offer
    }

    private func make(
        _ offer: Offer?, options settings: Settings?, subject: Subject?, at place: Place
    ) -> PluginValue<Value>? {
        guard let offer else { return nil }
        if settings == nil, let value = offer.plain { return result(value, offer) }
        guard let options = offer.reader.options(settings, of: subject, at: place) else { return nil }
        do {
            let value = try offer.entry.make(options)
            if settings == nil { offer.plain = value }
            return result(value, offer)
        } catch {
            offer.reader.tell(error, settings, of: subject, at: place)
            return nil
        }
    }

    private func result(_ value: Value, _ offer: Offer) -> PluginValue<Value> {
        PluginValue(value: value, name: offer.entry.name, plugin: offer.entry.plugin)
    }
}
