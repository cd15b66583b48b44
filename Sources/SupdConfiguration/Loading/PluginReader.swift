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
    private typealias Entry = PluginTable<Value>.Entry

    private let table: PluginTable<Value>
    /// The key that names it.
    private let nameKey: String
    /// Keys beside its options and its name.
    private let reserved: Set<String>
    private let faults: FaultCollector
    private let references: OptionReferences
    /// What was made without an option: most services have one of them.
    private var plain = [String: Value]()
    private var readers = [String: OptionsReader]()

    init(
        _ table: PluginTable<Value>, nameKey: String, reserved: Set<String> = [], faults: FaultCollector,
        references: OptionReferences
    ) {
        self.table = table
        self.nameKey = nameKey
        self.reserved = reserved.union([nameKey])
        self.faults = faults
        self.references = references
    }

    /// What is taken where none is named; nil where no plugin offers that.
    var standardName: String? { table.standard }

    /// The value of `subject`, which is `"name"` or `{ NAMEKEY = "name", … }`, or the standard one without a subject.
    /// `place` is where a missing one is told.
    func value(_ subject: Subject?, at place: Place) -> PluginValue<Value>? {
        guard let subject else { return make(standardEntry(at: place), options: nil, subject: nil, at: place) }
        if subject.value.string != nil {
            return make(entry(subject), options: nil, subject: subject, at: subject.place)
        }
        guard let settings = subject.settings else {
            subject.refuse("the name of a \(table.kind), or a table like { \(nameKey) = \"NAME\", … }")
            return nil
        }
        let named = settings[nameKey].map { entry(subject.member($0)) } ?? standardEntry(at: subject.place)
        return make(named, options: settings, subject: subject, at: subject.place)
    }

    private func standardEntry(at place: Place) -> Entry? {
        if let standard = table.standard, let entry = table[standard] { return entry }
        faults.add("no \(table.kind) is named, and no plugin of this supd offers a standard one", at: place)
        return nil
    }

    private func entry(_ subject: Subject) -> Entry? {
        guard let name = subject.value.string else {
            subject.refuse("the name of a \(table.kind)")
            return nil
        }
        if let entry = table[name] { return entry }
        var message = "unknown \(table.kind) '\(shortened(name))'; "
        message +=
            table.names.isEmpty
            ? "no plugin of this supd brings one" : "known are \(table.names.joined(separator: ", "))"
        if let close = closestWord(to: name, among: table.names) { message += "; did you mean '\(close)'?" }
        faults.add(message, at: subject.place)
        return nil
    }

    private func make(
        _ entry: Entry?, options settings: Settings?, subject: Subject?, at place: Place
    ) -> PluginValue<Value>? {
        guard let entry else { return nil }
        if settings == nil, let value = plain[entry.name] { return result(value, entry) }
        let reader = reader(of: entry)
        guard let options = reader.options(settings, of: subject, at: place) else { return nil }
        do {
            let value = try entry.make(options)
            if settings == nil { plain[entry.name] = value }
            return result(value, entry)
        } catch {
            reader.tell(error, settings, of: subject, at: place)
            return nil
        }
    }

    private func reader(of entry: Entry) -> OptionsReader {
        if let reader = readers[entry.name] { return reader }
        let reader = OptionsReader(
            declarations: entry.options, owner: "\(table.kind) '\(entry.name)'", reserved: reserved, faults: faults,
            references: references)
        readers[entry.name] = reader
        return reader
    }

    private func result(_ value: Value, _ entry: Entry) -> PluginValue<Value> {
        PluginValue(value: value, name: entry.name, plugin: entry.plugin)
    }
}
