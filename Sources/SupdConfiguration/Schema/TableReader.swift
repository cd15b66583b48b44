/// Reads the keys of one table.
///
/// A service may set some sixty keys and sets four: each that is not set costs a look at those that are, and no more.
final class TableReader<Key: TableKey> {
    let faults: FaultCollector
    /// All keys of the table.
    let table: KnownSettings<Key>
    private let hasRepetitions: Bool
    private let parent: Subject?

    /// A reader of a table of its own, such as `[supervisor]`.
    convenience init(_ settings: KnownSettings<Key>, faults: FaultCollector) {
        self.init(settings, parent: nil, faults: faults)
    }

    /// A reader of a table that is the value of a key, such as `log`; nil where the value is no table. Keys that it does not take are refused.
    convenience init?(_ subject: Subject, faults: FaultCollector) {
        guard let settings = subject.settings else {
            subject.refuse("a table of \(Key.allCases.map(\.rawValue).sorted().joined(separator: ", "))")
            return nil
        }
        let known = KnownSettings<Key>(settings, prefix: subject.path + ".", faults: faults)
        self.init(known, parent: subject, faults: faults)
    }

    private init(_ settings: KnownSettings<Key>, parent: Subject?, faults: FaultCollector) {
        self.faults = faults
        self.parent = parent
        table = settings
        hasRepetitions = settings.list.contains { $0.setting.isRepetition }
    }

    /// Where the table begins: the place of what is missing.
    var place: Place { table.place }

    func has(_ key: Key) -> Bool {
        table[key] != nil
    }

    /// Whether `key` should be set and is not, as far as can be told.
    func lacks(_ key: Key) -> Bool {
        table.lacks(key)
    }

    /// The value of `key`, nil where it is not set.
    func subject(_ key: Key) -> Subject? {
        table[key].map { subject($0) }
    }

    /// Where the value of `key` stands, nil where it is not set.
    func place(of key: Key) -> Place? {
        table[key]?.value.place
    }

    private func subject(_ setting: Setting) -> Subject {
        parent?.member(setting) ?? Subject(setting, faults: faults)
    }

    /// The value of `key` in a form, nil where it is not set or has another form. The form is made only where it is needed:
    /// most services set few keys.
    func read<Value>(_ key: Key, as form: @autoclosure () -> Form<Value>) -> Value? {
        if hasRepetitions {
            for (other, setting) in table.list where other == key && setting.isRepetition {
                _ = form().read(subject(setting))
            }
        }
        return table[key].flatMap { form().read(subject($0)) }
    }

    /// Puts the value of `key` where `target` is, which keeps what it has where the key is not set or has another form.
    func read<Value>(_ key: Key, as form: @autoclosure () -> Form<Value>, into target: inout Value) {
        if let value = read(key, as: form()) { target = value }
    }

    /// The same for a target that may be nil.
    func read<Value>(_ key: Key, as form: @autoclosure () -> Form<Value>, into target: inout Value?) {
        if let value = read(key, as: form()) { target = value }
    }
}
