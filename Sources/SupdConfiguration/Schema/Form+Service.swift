import SupdPlugin

/// One item of `success_exit_status` and its kin.
enum ExitStatusItem {
    case code(Int32)
    case signal(Signal)
}

extension Form where Value == ExitStatusItem {
    static var exitStatus: Form {
        let expected = "an exit code from 0 to 255 or the name of a signal"
        return .reading(expected) { subject in
            if let text = subject.value.string {
                guard Int(text) == nil else {
                    subject.refuse(expected, because: "an exit code is written without quotation marks")
                    return nil
                }
                return Form<Signal>.signal.read(subject).map { .signal($0) }
            }
            guard let code = subject.value.integer, (0...255).contains(code) else {
                subject.refuse(expected)
                return nil
            }
            return .code(Int32(code))
        }
    }
}

extension Form where Value == ExitStatusSet {
    static var exitStatuses: Form {
        let list = Form<[ExitStatusItem]>.list(of: .exitStatus)
        return .reading(list.expected) { subject in
            list.read(subject).map { items in
                var set = ExitStatusSet()
                for item in items {
                    switch item {
                    case .code(let code): set.codes.insert(code)
                    case .signal(let signal): set.signals.insert(signal)
                    }
                }
                return set
            }
        }
    }
}

extension Form where Value == EnvironmentFile {
    static var environmentFile: Form {
        let text = Form<String>.nonEmpty("an absolute path, with - before it where the file may be absent")
        return .reading(text.expected) { subject in
            guard let text = text.read(subject) else { return nil }
            let optional = text.hasPrefix("-")
            let path = optional ? String(text.dropFirst()) : text
            guard path.hasPrefix("/") else {
                subject.fault("must be an absolute path, found \(quoted(path))")
                return nil
            }
            return EnvironmentFile(path: path, optional: optional)
        }
    }
}

extension Form where Value == StopStep {
    static var stopStep: Form {
        .reading("a table of signal and wait") { subject in
            guard let reader = TableReader<StopStepKey>(subject, faults: subject.faults) else { return nil }
            for key in StopStepKey.allCases where reader.lacks(key) { subject.fault("has no '\(key.rawValue)'") }
            let signal = reader.read(.signal, as: .signal)
            let wait = reader.read(.wait, as: .positiveDuration)
            guard let signal, let wait else { return nil }
            return StopStep(signal: signal, wait: wait)
        }
    }
}

extension Form where Value == ServiceName {
    /// The name of a service in `requires` and its kin; whether there is such a service is asked once all are known.
    static var serviceName: Form {
        let text = Form<String>.text("the name of a service")
        return .reading(text.expected) { subject in
            guard let text = text.read(subject) else { return nil }
            if let name = ServiceName(text) { return name }
            let hint = text.contains("@") ? ": name the service, which means all of its instances" : ""
            subject.fault("must be the name of a service, found \(quoted(text))\(hint)")
            return nil
        }
    }
}

extension Form where Value == [String] {
    /// A command whose specifiers and variables are replaced when it is run.
    static var command: Form {
        plainCommand.and { words in
            do {
                try checkExpansion(of: words)
                return nil
            } catch {
                return "cannot be expanded: \(error)"
            }
        }
    }

    /// A command: a list of words, or a string that is split as a shell splits it.
    static var plainCommand: Form {
        let expected = "a command as a list of strings, or as one string"
        let word = Form<String>.text()
        return .reading(expected) { subject in
            guard let words = words(subject, word: word, expected: expected) else { return nil }
            guard let program = words.first, !program.isEmpty else {
                subject.fault("must not be empty: its first word is the program to run")
                return nil
            }
            return words
        }
    }

    private static func words(_ subject: Subject, word: Form<String>, expected: String) -> [String]? {
        if let items = subject.items {
            let words = items.compactMap(word.read)
            return words.count == items.count ? words : nil
        }
        guard subject.value.string != nil else {
            subject.refuse(expected)
            return nil
        }
        guard let text = word.read(subject) else { return nil }
        do {
            return try ShellWords.split(text)
        } catch {
            subject.fault("cannot be split into words: \(error)")
            return nil
        }
    }
}

extension Form where Value == String {
    /// The same form, with `%` specifiers that must be known; they are replaced at each start.
    var withSpecifiers: Form {
        and { text in
            do {
                try checkSpecifiers(in: text)
                return nil
            } catch {
                return "cannot be expanded: \(error)"
            }
        }
    }
}
