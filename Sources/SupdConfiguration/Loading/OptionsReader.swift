import SupdPlugin

/// Reads options that a plugin has declared: each of the right type, none unknown, none missing that has no standard. One reads as many tables
/// as there are.
final class OptionsReader {
    private let names: [String]
    private let types: [OptionType]
    /// The values that hold where nothing is said.
    private let standards: [String: OptionValue]
    /// The form of each that was set so far.
    private var forms: [Form<OptionValue>?]
    /// Whose they are, in messages: `backoff 'linear'`, `plugin 'notify'`.
    private let owner: String
    /// Keys of the same table that are not the plugin's.
    private let reserved: [String]
    let faults: FaultCollector
    let references: OptionReferences

    /// A reader of these options.
    init(
        declarations: [OptionDeclaration], owner: String, reserved: [String] = [], faults: FaultCollector,
        references: OptionReferences
    ) {
        names = declarations.map(\.name)
        types = declarations.map(\.type)
        standards = Dictionary(declarations.map { ($0.name, $0.standard) }) { first, _ in first }.compactMapValues {
            $0
        }
        forms = Array(repeating: nil, count: declarations.count)
        self.owner = owner
        self.reserved = reserved
        self.faults = faults
        self.references = references
    }

    /// The options of `settings`, a standard value for each that is not set; nil where something is wrong. `place` is where
    /// a missing one is told; where they are not the whole of what is said, none is missing.
    func options(
        _ settings: Settings?, of subject: Subject?, isWhole: Bool = true, at place: Place
    ) -> PluginOptions? {
        var values = standards
        var isComplete = true
        if let subject, let settings {
            for setting in settings.list where !reserved.contains(setting.key) {
                guard let option = names.firstIndex(of: setting.key) else {
                    faults.add(unknown(setting.key), at: setting.place)
                    isComplete = false
                    continue
                }
                let value = form(of: option).read(subject.member(setting))
                values[setting.key] = value
                if value == nil { isComplete = false }
            }
        }
        // Most often there is one of each.
        for name in values.count < names.count ? names : [] where values[name] == nil && settings?[name] == nil {
            guard isWhole else { return nil }
            faults.add("\(owner) needs the option '\(name)'", at: place)
            isComplete = false
        }
        return isComplete ? PluginOptions(values) : nil
    }

    private func form(of option: Int) -> Form<OptionValue> {
        if let form = forms[option] { return form }
        let form = form(of: types[option])
        forms[option] = form
        return form
    }

    /// Tells what a plugin says is wrong with options that it was given.
    func tell(_ error: OptionError, _ settings: Settings?, of subject: Subject?, at place: Place) {
        for error in [error] + error.others {
            if let setting = settings?[error.option], let subject {
                Self.tell(error, in: subject.member(setting))
            } else {
                let path = subject.map { "\($0.path).\(error.option)" } ?? error.option
                faults.add("'\(path)': \(error.message)", at: place)
            }
        }
    }

    /// Tells it at the innermost place that the error names and the file has.
    private static func tell(_ error: OptionError, in option: Subject) {
        var subject = option
        if let item = error.item, let tables = subject.tables, tables.indices.contains(item.index) {
            subject = tables[item.index]
            if let key = item.key, let setting = subject.settings?[key] { subject = subject.member(setting) }
        }
        subject.faults.add("\(subject.name): \(error.message)", at: subject.place)
    }

    private func unknown(_ key: String) -> String {
        var message = "'\(shortened(key))' is not an option of \(owner)"
        message += names.isEmpty ? ", which has none" : ", which has \(names.joined(separator: ", "))"
        if let close = closestWord(to: key, among: names + reserved) { message += "; did you mean '\(close)'?" }
        return message
    }
}
