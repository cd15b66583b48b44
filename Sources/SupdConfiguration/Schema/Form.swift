/// A form that a value may have: how it is read, and how a fault says what was expected.
///
/// Reading answers nil where the value has another form, after it has said so.
struct Form<Value> {
    /// What follows "must be": `true or false`.
    let expected: String
    let read: (Subject) -> Value?

    /// A form that reads the value itself and tells its own faults.
    static func reading(_ expected: String, _ read: @escaping (Subject) -> Value?) -> Form {
        Form(expected: expected, read: read)
    }

    /// A form of the values that `convert` makes something of.
    static func converting(_ expected: String, _ convert: @escaping (SourcedValue) -> Value?) -> Form {
        .reading(expected) { subject in
            guard let value = convert(subject.value) else {
                subject.refuse(expected)
                return nil
            }
            return value
        }
    }

    /// A form of the values that `convert` makes something of; what it throws is the reason why not, and nil from it is a
    /// wrong type.
    static func trying<Failure: Error>(
        _ expected: String, _ convert: @escaping (SourcedValue) throws(Failure) -> Value?
    ) -> Form {
        .reading(expected) { subject in
            do {
                if let value = try convert(subject.value) { return value }
                subject.refuse(expected)
            } catch {
                subject.refuse(expected, because: "\(error)")
            }
            return nil
        }
    }

    /// The same form, with a rule that its values must keep; `rule` answers what is wrong, or nil.
    func and(_ rule: @escaping (Value) -> String?) -> Form {
        .reading(expected) { subject in
            guard let value = read(subject) else { return nil }
            if let wrong = rule(value) {
                subject.fault(wrong)
                return nil
            }
            return value
        }
    }

    /// The form `form`, keeping where the value stood.
    static func located<Inner>(_ form: Form<Inner>) -> Form where Value == Located<Inner> {
        .reading(form.expected) { subject in
            form.read(subject).map { Located(value: $0, place: subject.place) }
        }
    }
}

/// A value and where it stood.
struct Located<Value> {
    let value: Value
    let place: Place
}
