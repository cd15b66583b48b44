/// Reads the keys of one table. Keys that the table does not take were refused before.
struct TableReader<Key: TableKey> {
    let faults: FaultCollector
    /// Where the table begins: the place of what is missing.
    let place: Place
    /// All keys of the table.
    let table: Settings
    private let settings: [String: Setting]
    private let repetitions: [Setting]
    private let parent: Subject?

    /// A reader of a table of its own, such as `[supervisor]`.
    init(_ settings: Settings, faults: FaultCollector) {
        self.init(settings, parent: nil, faults: faults)
    }

    /// A reader of a table that is the value of a key, such as `log`; nil where the value is no table.
    init?(_ subject: Subject, faults: FaultCollector) {
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
        self.settings = Dictionary(settings.list.map { ($0.key, $0) }) { first, _ in first }
        repetitions = settings.list.filter(\.isRepetition)
    }

    func has(_ key: Key) -> Bool {
        settings[key.rawValue] != nil
    }

    /// Whether `key` should be set and is not, as far as can be told.
    func lacks(_ key: Key) -> Bool {
        table.lacks(key)
    }

    /// The value of `key`, nil where it is not set.
    func subject(_ key: Key) -> Subject? {
        settings[key.rawValue].map(subject)
    }

    private func subject(_ setting: Setting) -> Subject {
        parent?.member(setting) ?? Subject(setting, faults: faults)
    }

    /// The value of `key` in a form, nil where it is not set or has another form. The form is made only where it is needed:
    /// most services set few keys.
    func read<Value>(_ key: Key, as form: @autoclosure () -> Form<Value>) -> Value? {
        for setting in repetitions where setting.key == key.rawValue { _ = form().read(subject(setting)) }
        return subject(key).flatMap { form().read($0) }
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
