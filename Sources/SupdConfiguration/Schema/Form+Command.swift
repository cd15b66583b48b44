extension Form where Value == [CommandConfiguration] {
    /// One command, or a list of commands, each of which is a list of words or a table.
    ///
    /// A list that begins with a string is one command, as in `exec_start`.
    static func commands(timeout: Duration) -> Form {
        let one = Form<CommandConfiguration>.command(timeout: timeout)
        let item = Form<CommandConfiguration>.commandOfList(timeout: timeout)
        let limit = ConfigurationLimits.commands
        return .reading("\(one.expected), or a list of such lists and tables") { subject in
            guard let items = subject.items else { return one.read(subject).map { [$0] } }
            guard let first = items.first else { return [] }
            guard first.value.string == nil else { return one.read(subject).map { [$0] } }
            let commands = items.compactMap(item.read)
            guard items.count <= limit else {
                subject.fault("has \(items.count) commands; at most \(limit) are allowed")
                return nil
            }
            return commands
        }
    }
}

extension Form where Value == CommandConfiguration {
    fileprivate static func command(timeout: Duration) -> Form {
        let expected =
            "a command as a list of strings, as one string, or as a table of command, ignore_failure and timeout"
        return .reading(expected) { subject in
            if subject.value.settings != nil { return table(subject, timeout: timeout) }
            guard subject.items != nil || subject.value.string != nil else {
                subject.refuse(expected)
                return nil
            }
            return words(subject).map {
                CommandConfiguration(words: $0.words, timeout: timeout, ignoresFailure: $0.ignoresFailure)
            }
        }
    }

    /// One of a list of commands, where a string by itself would look like a word.
    fileprivate static func commandOfList(timeout: Duration) -> Form {
        let one = command(timeout: timeout)
        return .reading(one.expected) { subject in
            guard subject.value.string == nil else {
                subject.refuse(
                    "a list of strings, or a table of command, ignore_failure and timeout",
                    because: "in a list of commands each is a list of its words")
                return nil
            }
            return one.read(subject)
        }
    }

    private static func table(_ subject: Subject, timeout: Duration) -> CommandConfiguration? {
        guard let reader = TableReader<CommandKey>(subject, faults: subject.faults) else { return nil }
        if reader.lacks(.command) { subject.fault("has no 'command'") }
        let limit = reader.read(.timeout, as: .timeLimit)
        let ignoresFailure = reader.read(.ignoreFailure, as: .bool) ?? false
        let command = reader.read(.command, as: Form<CommandWords>.reading(Form<[String]>.command.expected, words))
        return command.map {
            CommandConfiguration(
                words: $0.words, timeout: limit.map(\.duration) ?? timeout,
                ignoresFailure: ignoresFailure || $0.ignoresFailure)
        }
    }

    /// The words of a command, the `-` before its program taken off (systemd.service(5), "ExecStart=").
    private static func words(_ subject: Subject) -> CommandWords? {
        guard var words = Form<[String]>.command.read(subject), let program = words.first else { return nil }
        guard program.hasPrefix("-") else { return CommandWords(words: words, ignoresFailure: false) }
        guard program != "-" else {
            subject.fault("has a - with no program behind it: write it before the program, without a blank")
            return nil
        }
        words[0] = String(program.dropFirst())
        return CommandWords(words: words, ignoresFailure: true)
    }
}

/// A command as it is written.
private struct CommandWords {
    let words: [String]
    let ignoresFailure: Bool
}
