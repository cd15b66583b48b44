/// The type of a plugin's option, and what range of values it takes. The configuration checks both, with position.
public enum OptionType: Hashable, Sendable {
    /// `"500ms"` or a number of seconds; at least zero.
    case duration
    /// A number between the bounds.
    case number(ClosedRange<Double>)
    /// A whole number between the bounds.
    case integer(ClosedRange<Int>)
    /// One of these words.
    case word([String])
    /// True or false.
    case boolean
    /// Any text.
    case text
    /// The absolute path of a file or a folder, which need not be there.
    case path
    /// A list of texts; one text is a list of one.
    case texts
    /// A command: a list of words, or one string that is split as a shell splits words. Never empty.
    case command
    /// A list of exit codes (0…255) and names of signals; one of them is a list of one.
    case exitStatuses
    /// The name of a service of the configuration, which says so where there is none of that name.
    case service
    /// A list of tables, each with options of its own; one table is a list of one.
    indirect case tables([OptionDeclaration])
}

/// The checked value of an option.
public enum OptionValue: Hashable, Sendable {
    /// Of `OptionType.duration`.
    case duration(Duration)
    /// Of `OptionType.number`.
    case number(Double)
    /// Of `OptionType.integer`.
    case integer(Int)
    /// Of `OptionType.word`: one of its words.
    case word(String)
    /// Of `OptionType.boolean`.
    case boolean(Bool)
    /// Of `OptionType.text`, a path, and the name of a service.
    case text(String)
    /// Of `OptionType.texts`, and the words of a command.
    case texts([String])
    /// Of `OptionType.exitStatuses`.
    case exitStatuses(ExitStatusSet)
    /// Of `OptionType.tables`, in the order they stand.
    case tables([PluginOptions])
}

/// One option that a plugin's policy takes, with the value it has where the configuration says nothing.
public struct OptionDeclaration: Hashable, Sendable {
    /// The key in the configuration, in snake_case.
    public var name: String
    /// What values it takes.
    public var type: OptionType
    /// The value when it is not set; nil makes the option required.
    public var standard: OptionValue?
    /// What it means, in a sentence.
    public var summary: String

    /// The declaration of `name`.
    public init(_ name: String, _ type: OptionType, standard: OptionValue?, _ summary: String) {
        self.name = name
        self.type = type
        self.standard = standard
        self.summary = summary
    }
}

/// The options of one policy as the configuration set them, every declared one present, checked against its declaration.
///
/// Asking for an option that was not declared, or for a value of another type, is a mistake in the plugin that no
/// configuration can mend: `PluginChecks` of `SupdTesting` tells it, a debug build ends there, and a release build answers zero or
/// nothing.
public struct PluginOptions: Hashable, Sendable {
    private var values: [String: OptionValue]
    /// What was declared and could not be set: of a daemon that has no configuration.
    private var unset: Set<String> = []

    /// Options of these values.
    public init(_ values: [String: OptionValue]) {
        self.values = values
    }

    /// The standard value of each, and nothing where an option has none.
    package init(standardsOf declarations: [OptionDeclaration]) {
        values = [:]
        for declaration in declarations {
            values[declaration.name] = declaration.standard
            if declaration.standard == nil { unset.insert(declaration.name) }
        }
    }

    /// The value of `name`, or nil where it was not declared.
    public subscript(name: String) -> OptionValue? {
        if let value = values[name] { return value }
        if !unset.contains(name) { OptionMisuse(option: name, expected: nil).tell() }
        return nil
    }

    /// The duration of `name`, or zero where it is none.
    public func duration(_ name: String) -> Duration {
        value(name, "a duration") { if case .duration(let value) = $0 { value } else { nil } } ?? .zero
    }

    /// The number of `name`, or zero where it is none.
    public func number(_ name: String) -> Double {
        value(name, "a number") {
            switch $0 {
            case .number(let value): value
            case .integer(let value): Double(value)
            default: nil
            }
        } ?? 0
    }

    /// The whole number of `name`, or zero where it is none.
    public func integer(_ name: String) -> Int {
        value(name, "a whole number") { if case .integer(let value) = $0 { value } else { nil } } ?? 0
    }

    /// Whether `name` is true; false where it is no boolean.
    public func isTrue(_ name: String) -> Bool {
        value(name, "true or false") { if case .boolean(let value) = $0 { value } else { nil } } ?? false
    }

    /// The texts or the words of the command of `name`, or none.
    public func texts(_ name: String) -> [String] {
        value(name, "a list of texts") { if case .texts(let value) = $0 { value } else { nil } } ?? []
    }

    /// The exit codes and signals of `name`, or none.
    public func exitStatuses(_ name: String) -> ExitStatusSet {
        value(name, "exit codes and signals") { if case .exitStatuses(let value) = $0 { value } else { nil } }
            ?? ExitStatusSet()
    }

    /// The options of each table of `name`, in their order, or none.
    public func tables(_ name: String) -> [PluginOptions] {
        value(name, "a list of tables") { if case .tables(let value) = $0 { value } else { nil } } ?? []
    }

    /// The word, text, path or service's name of `name`, or an empty string where it is none.
    public func word(_ name: String) -> String {
        value(name, "a text") {
            switch $0 {
            case .word(let value), .text(let value): value
            default: nil
            }
        } ?? ""
    }

    private func value<Value>(_ name: String, _ expected: String, as form: (OptionValue) -> Value?) -> Value? {
        guard let value = self[name] else { return nil }
        if let value = form(value) { return value }
        OptionMisuse(option: name, expected: expected).tell()
        return nil
    }
}
