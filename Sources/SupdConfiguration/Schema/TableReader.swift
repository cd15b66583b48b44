/// Reads the keys of one table. Keys that the table does not take were refused before.
///
/// A service may set some sixty keys and sets four: each that is not set costs a look at those that are, and no more.
final class TableReader<Key: TableKey> {
    let faults: FaultCollector
    /// Where the table begins: the place of what is missing.
    let place: Place
    /// All keys of the table.
    let table: Settings
    /// Which key each of them is.
    private let keys: [Key?]
    private let hasRepetitions: Bool
    private let parent: Subject?

    /// A reader of a table of its own, such as `[supervisor]`.
    convenience init(_ settings: Settings, faults: FaultCollector) {
        self.init(settings, parent: nil, faults: faults)
    }

    /// A reader of a table that is the value of a key, such as `log`; nil where the value is no table.
    convenience init?(_ subject: Subject, faults: FaultCollector) {
        guard var settings = subject.settings else {
            subject.refuse("a table of \(Key.allCases.map(\.rawValue).sorted().joined(separator: ", "))")
            return nil
        }
        settings.keepOnly(Key.self, prefix: subject.path + ".", faults: faults)
        self.init(settings, parent: subject, faults: faults)
    }

    private init(_ settings: Settings, parent: Subject?, faults: FaultCollector) {
        self.faults = faults
        self.parent = parent
        place = settings.place
        table = settings
        keys = settings.list.map { Key(rawValue: $0.key) }
        hasRepetitions = settings.list.contains(where: \.isRepetition)
    }

    func has(_ key: Key) -> Bool {
        row(of: key) != nil
    }

    /// Whether `key` should be set and is not, as far as can be told.
    func lacks(_ key: Key) -> Bool {
        table.lacks(key)
    }

    /// The value of `key`, nil where it is not set.
    func subject(_ key: Key) -> Subject? {
        row(of: key).map { subject(table.list[$0]) }
    }

    /// Where the value of `key` stands, nil where it is not set.
    func place(of key: Key) -> Place? {
        row(of: key).map { table.list[$0].value.place }
    }

    private func row(of key: Key) -> Int? {
        for row in keys.indices where keys[row] == key { return row }
        return nil
    }

    private func subject(_ setting: Setting) -> Subject {
        parent?.member(setting) ?? Subject(setting, faults: faults)
    }

    /// The value of `key` in a form, nil where it is not set or has another form. The form is made only where it is needed:
    /// most services set few keys.
    func read<Value>(_ key: Key, as form: @autoclosure () -> Form<Value>) -> Value? {
        if hasRepetitions {
            for (other, setting) in zip(keys, table.list) where other == key && setting.isRepetition {
                _ = form().read(subject(setting))
            }
        }
        return row(of: key).flatMap { form().read(subject(table.list[$0])) }
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
