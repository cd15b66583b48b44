import SupdPlugin

extension OptionsReader {
    /// The form of an option of this type. The reader keeps it, so that it does not refer to that.
    func form(of type: OptionType) -> Form<OptionValue> {
        switch type {
        case .duration: .wrapping(.duration) { .duration($0) }
        case .number(let range): .wrapping(.number(range)) { .number($0) }
        case .integer(let range): .wrapping(.integer(range)) { .integer($0) }
        case .word(let words): .oneOf(words) { .word($0) }
        case .boolean: .wrapping(.bool) { .boolean($0) }
        case .text: .wrapping(.text()) { .text($0) }
        case .path: .wrapping(.absolutePath) { .text($0) }
        case .texts: .wrapping(.list(of: .text())) { .texts($0) }
        case .command: command
        case .exitStatuses: .wrapping(.exitStatuses) { .exitStatuses($0) }
        case .service: service
        case .tables(let declarations): tables(of: declarations)
        }
    }

    /// Whether there is such a service is seen when all of them are known.
    private var service: Form<OptionValue> {
        let form = Form<String>.nonEmpty("the name of a service")
        return .reading(form.expected) { [references] subject in
            guard let name = form.read(subject) else { return nil }
            references.add(service: name, subject)
            return .text(name)
        }
    }

    private var command: Form<OptionValue> {
        let form = Form<[String]>.plainCommand
        return .reading(form.expected) { [references] subject in
            guard let words = form.read(subject) else { return nil }
            if let program = words.first { references.add(program: program, subject) }
            return .texts(words)
        }
    }

    private func tables(of declarations: [OptionDeclaration]) -> Form<OptionValue> {
        let table = "a table like { \(declarations.prefix(1).map { "\($0.name) = …, " }.joined())… }"
        let item = Form<PluginOptions>.reading(table) { [faults, references] subject in
            guard let settings = subject.settings else {
                subject.refuse(table)
                return nil
            }
            let reader = OptionsReader(
                declarations: declarations, owner: subject.name, faults: faults, references: references)
            return reader.options(settings, of: subject, at: subject.place)
        }
        let list = Form<[PluginOptions]>.list(of: item)
        return .reading(list.expected) { subject in
            // Of a list with faults the plugin is not asked: it calls its tables by their number.
            guard let tables = list.read(subject), tables.count == subject.tables?.count else { return nil }
            return .tables(tables)
        }
    }
}

extension Form where Value == OptionValue {
    fileprivate static func wrapping<Inner>(_ form: Form<Inner>, _ wrap: @escaping (Inner) -> OptionValue) -> Form {
        .reading(form.expected) { form.read($0).map(wrap) }
    }
}
