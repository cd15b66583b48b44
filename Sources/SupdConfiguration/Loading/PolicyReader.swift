import SupdPlugin

/// Reads `restart` and `backoff`: a policy that a plugin brings, by name, with the options that it declares.
final class PolicyReader<Policy: Sendable> {
    private typealias Entry = PluginRegistrar.Entry<Policy>

    /// How messages call it: `restart policy`.
    private let kind: String
    private let entries: [String: PluginRegistrar.Entry<Policy>]
    /// The policy where the configuration names none.
    private let standard: String?
    private let faults: FaultCollector
    /// Policies that were made without an option: most services have one of them.
    private var plain: [String: Policy] = [:]

    init(kind: String, entries: [String: PluginRegistrar.Entry<Policy>], standard: String?, faults: FaultCollector) {
        self.kind = kind
        self.entries = entries
        self.standard = standard
        self.faults = faults
    }

    /// The policy of `subject`, which is `"name"` or `{ policy = "name", … }`, or the standard one without a subject.
    /// `place` is where a missing one is told.
    func policy(_ subject: Subject?, at place: Place) -> (policy: Policy, name: String)? {
        guard let subject else { return make(standardEntry(at: place), options: nil, subject: nil, at: place) }
        if subject.value.string != nil {
            return make(entry(subject), options: nil, subject: subject, at: subject.place)
        }
        guard let settings = subject.settings else {
            subject.refuse("the name of a \(kind), or a table like { policy = \"NAME\", … }")
            return nil
        }
        let named = settings["policy"].map { entry(subject.member($0)) } ?? standardEntry(at: subject.place)
        return make(named, options: settings, subject: subject, at: subject.place)
    }

    private func standardEntry(at place: Place) -> Entry? {
        if let standard, let entry = entries[standard] { return entry }
        faults.add("no \(kind) is named, and no plugin of this supd offers a standard one", at: place)
        return nil
    }

    private func entry(_ subject: Subject) -> Entry? {
        guard let name = subject.value.string else {
            subject.refuse("the name of a \(kind)")
            return nil
        }
        if let entry = entries[name] { return entry }
        var message = "unknown \(kind) '\(shortened(name))'; known are \(entries.keys.sorted().joined(separator: ", "))"
        if let close = closestWord(to: name, among: entries.keys) { message += "; did you mean '\(close)'?" }
        faults.add(message, at: subject.place)
        return nil
    }

    private func make(
        _ entry: Entry?, options: Settings?, subject: Subject?, at place: Place
    ) -> (policy: Policy, name: String)? {
        guard let entry else { return nil }
        if options == nil, let policy = plain[entry.name] { return (policy, entry.name) }
        let declared = Dictionary(entry.options.map { ($0.name, $0) }) { first, _ in first }
        var values = declared.compactMapValues(\.standard)
        var isComplete = true
        if let subject, let options {
            for setting in options.list where setting.key != "policy" {
                guard let declaration = declared[setting.key] else {
                    faults.add(unknownOption(setting.key, of: entry), at: setting.place)
                    isComplete = false
                    continue
                }
                let value = Form.option(declaration.type).read(subject.member(setting))
                values[setting.key] = value
                if value == nil { isComplete = false }
            }
        }
        for declaration in entry.options where values[declaration.name] == nil && options?[declaration.name] == nil {
            faults.add("\(kind) '\(entry.name)' needs the option '\(declaration.name)'", at: place)
            isComplete = false
        }
        guard isComplete else { return nil }
        do {
            let policy = try entry.make(PluginOptions(values))
            if options == nil { plain[entry.name] = policy }
            return (policy, entry.name)
        } catch {
            let path = subject.map { "\($0.path).\(error.option)" } ?? error.option
            faults.add("'\(path)': \(error.message)", at: options?[error.option]?.value.place ?? place)
            return nil
        }
    }

    private func unknownOption(_ key: String, of entry: Entry) -> String {
        let names = entry.options.map(\.name)
        var message = "'\(shortened(key))' is not an option of \(kind) '\(entry.name)'"
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
        }
    }

    private static func wrapping<Inner>(_ form: Form<Inner>, _ wrap: @escaping (Inner) -> OptionValue) -> Form {
        .reading(form.expected) { form.read($0).map(wrap) }
    }
}
