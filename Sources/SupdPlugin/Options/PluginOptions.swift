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
    /// Of `OptionType.text`, and the name of a service.
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
public struct PluginOptions: Hashable, Sendable {
    private var values: [String: OptionValue]

    /// Options of these values.
    public init(_ values: [String: OptionValue]) {
        self.values = values
    }

    /// The value of `name`, or nil where it was not declared.
    public subscript(name: String) -> OptionValue? { values[name] }

    /// The duration of `name`, or zero where it is none.
    public func duration(_ name: String) -> Duration {
        if case .duration(let value)? = values[name] { return value }
        return .zero
    }

    /// The number of `name`, or zero where it is none.
    public func number(_ name: String) -> Double {
        switch values[name] {
        case .number(let value)?: value
        case .integer(let value)?: Double(value)
        default: 0
        }
    }

    /// The whole number of `name`, or zero where it is none.
    public func integer(_ name: String) -> Int {
        if case .integer(let value)? = values[name] { return value }
        return 0
    }

    /// Whether `name` is true; false where it is no boolean.
    public func isTrue(_ name: String) -> Bool { values[name] == .boolean(true) }

    /// The texts or the words of the command of `name`, or none.
    public func texts(_ name: String) -> [String] {
        if case .texts(let value)? = values[name] { return value }
        return []
    }

    /// The exit codes and signals of `name`, or none.
    public func exitStatuses(_ name: String) -> ExitStatusSet {
        if case .exitStatuses(let value)? = values[name] { return value }
        return ExitStatusSet()
    }

    /// The options of each table of `name`, in their order, or none.
    public func tables(_ name: String) -> [PluginOptions] {
        if case .tables(let value)? = values[name] { return value }
        return []
    }

    /// The word, text or service's name of `name`, or an empty string where it is none.
    public func word(_ name: String) -> String {
        switch values[name] {
        case .word(let value)?, .text(let value)?: value
        default: ""
        }
    }
}
