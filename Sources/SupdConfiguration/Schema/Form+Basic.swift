import SupdPlugin

extension Form where Value == Bool {
    static var bool: Form { .converting("true or false") { $0.boolean } }
}

extension Form where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> Form {
        .converting("a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.integer.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Form where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> Form {
        .converting("a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound))") { value in
            value.number.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `1000` and not `1000.0`.
    private static func shortest(_ number: Double) -> String {
        Int(exactly: number).map { String($0) } ?? "\(number)"
    }
}

extension Form where Value == String {
    /// A string that a system call can take.
    static func text(_ expected: String = "a string") -> Form {
        Form.reading(expected) { subject in
            if let text = subject.value.string { return text }
            let couldBeQuoted = subject.value.number != nil || subject.value.boolean != nil
            subject.refuse(expected, because: couldBeQuoted ? "put it into quotation marks" : nil)
            return nil
        }.and { text in
            hasByte(0, text) ? "must not have a NUL byte: no program can be given one" : nil
        }
    }

    /// A string with something in it.
    static func nonEmpty(_ expected: String = "a string") -> Form {
        text(expected).and { $0.isEmpty ? "must not be empty" : nil }
    }

    /// A string without control characters, which a table or a log can show on one line.
    static var line: Form {
        text().and { unsafeCharacter(of: $0).map { "must be one line without control characters, found \($0)" } }
    }

    static var absolutePath: Form {
        nonEmpty("an absolute path").and { $0.hasPrefix("/") ? nil : "must be an absolute path, found \(quoted($0))" }
    }

    /// An absolute path, or `word`.
    static func absolutePath(or word: String) -> Form {
        nonEmpty("an absolute path, or \"\(word)\"").and { text in
            text.hasPrefix("/") || text == word
                ? nil : "must be an absolute path, or \"\(word)\", found \(quoted(text))"
        }
    }

    /// The name of a variable that a service may have from the daemon's own environment, or a pattern of such names.
    static var passedVariable: Form {
        text("the name of a variable").and { name in
            let letters = name.filter { !"*?[]!^-".contains($0) }
            guard VariableName.isValid(name) || Glob.isPattern(name) && letters.utf8.allSatisfy(VariableName.isPart)
            else {
                return
                    "must be the name of a variable (letters, digits and _, no digit first) or a pattern such as \"LC_*\", found "
                    + quoted(name)
            }
            return PassedEnvironment.speaksToDaemon(name)
                ? "cannot pass \(name) on: it speaks to supd itself, and a service would answer in its place" : nil
        }
    }

    /// A word that `tag:WORD` can select by.
    static var tag: Form {
        text("a word").and { word in
            ServiceName.isWord(word)
                ? nil : "must be a word of letters, digits and _ . : - of at most 64 characters, found \(quoted(word))"
        }
    }
}

extension Form where Value: RawRepresentable<String> & CaseIterable {
    /// One of the words of an enumeration.
    static func word(_: Value.Type = Value.self) -> Form {
        .oneOf(Value.allCases.map(\.rawValue)) { Value(rawValue: $0) }
    }
}

extension Form {
    /// One of `words`, made into a value.
    static func oneOf(_ words: [String], make: @escaping (String) -> Value?) -> Form {
        var expected = words.count > 1 ? "one of " : ""
        for (place, word) in words.enumerated() { expected += "\(place > 0 ? ", " : "")\"\(word)\"" }
        return .reading(expected) { subject in
            guard let text = subject.value.string, words.contains(text) else {
                let close = subject.value.string.flatMap { closestWord(to: $0, among: words) }
                subject.refuse(expected, because: close.map { "did you mean \"\($0)\"?" })
                return nil
            }
            return make(text)
        }
    }

    /// A list of items, or one item in its place. Every item's own fault is told, and the good ones are answered, so that
    /// what is looked at later is told in the same pass; nil where none of them is good.
    static func list<Item>(
        of item: Form<Item>, atMost limit: Int = ConfigurationLimits.listItems
    ) -> Form where Value == [Item] {
        .reading("\(item.expected), or a list of such") { subject in
            guard let items = subject.items else { return item.read(subject).map { [$0] } }
            let values = items.compactMap(item.read)
            guard items.count <= limit else {
                subject.fault("has \(items.count) items; at most \(limit) are allowed")
                return nil
            }
            return values.isEmpty && !items.isEmpty ? nil : values
        }
    }
}
