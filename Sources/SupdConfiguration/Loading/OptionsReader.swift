import SupdPlugin

/// Reads options that a plugin has declared: each of the right type, none unknown, none missing that has no standard.
struct OptionsReader {
    let declarations: [OptionDeclaration]
    /// Whose they are, in messages: `backoff 'linear'`, `plugin 'notify'`.
    let owner: String
    /// Keys of the same table that are not the plugin's.
    var reserved: Set<String> = []
    let faults: FaultCollector

    /// The options of `settings`, a standard value for each that is not set; nil where something is wrong. `place` is where
    /// a missing one is told.
    func options(_ settings: Settings?, of subject: Subject?, at place: Place) -> PluginOptions? {
        let declared = Dictionary(declarations.map { ($0.name, $0) }) { first, _ in first }
        var values = declared.compactMapValues(\.standard)
        var isComplete = true
        if let subject, let settings {
            for setting in settings.list where !reserved.contains(setting.key) {
                guard let declaration = declared[setting.key] else {
                    faults.add(unknown(setting.key), at: setting.place)
                    isComplete = false
                    continue
                }
                let value = Form.option(declaration.type).read(subject.member(setting))
                values[setting.key] = value
                if value == nil { isComplete = false }
            }
        }
        for declaration in declarations where values[declaration.name] == nil && settings?[declaration.name] == nil {
            faults.add("\(owner) needs the option '\(declaration.name)'", at: place)
            isComplete = false
        }
        return isComplete ? PluginOptions(values) : nil
    }

    /// Tells what a plugin says is wrong with options that it was given.
    func tell(_ error: OptionError, _ settings: Settings?, of subject: Subject?, at place: Place) {
        let path = subject.map { "\($0.path).\(error.option)" } ?? error.option
        faults.add("'\(path)': \(error.message)", at: settings?[error.option]?.value.place ?? place)
    }

    private func unknown(_ key: String) -> String {
        let names = declarations.map(\.name)
        var message = "'\(shortened(key))' is not an option of \(owner)"
        message += names.isEmpty ? ", which has none" : ", which has \(names.joined(separator: ", "))"
        if let close = closestWord(to: key, among: names) { message += "; did you mean '\(close)'?" }
        return message
    }
}

extension Form where Value == OptionValue {
    /// The form of a plugin's option.
    static func option(_ type: OptionType) -> Form {
        switch type {
        case .duration: wrapping(.duration) { .duration($0) }
        case .number(let range): wrapping(.number(range)) { .number($0) }
        case .integer(let range): wrapping(.integer(range)) { .integer($0) }
        case .word(let words): .oneOf(words) { .word($0) }
        case .boolean: wrapping(.bool) { .boolean($0) }
        case .text: wrapping(.text()) { .text($0) }
        case .texts: wrapping(.list(of: .text())) { .texts($0) }
        case .command: wrapping(.plainCommand) { .texts($0) }
        case .exitStatuses: wrapping(.exitStatuses) { .exitStatuses($0) }
        }
    }

    private static func wrapping<Inner>(_ form: Form<Inner>, _ wrap: @escaping (Inner) -> OptionValue) -> Form {
        .reading(form.expected) { form.read($0).map(wrap) }
    }
}
