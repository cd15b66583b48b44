/// A value that is being read, with what a fault about it needs.
struct Subject {
    /// The path of the table that the key is in; nil of a table of its own. Put together with the key only where something is told of it.
    private let table: String?
    private let key: String
    /// Which item of the list there it is, from 1; nil where it is the key's own value.
    let item: Int?
    let value: SourcedValue
    /// What `[defaults]` has in its place, where the two are taken together.
    var fallback: SourcedValue?
    let faults: FaultCollector

    /// The key's path without quotation marks.
    var path: String { table.map { "\($0).\(key)" } ?? key }

    var place: Place { value.place }

    /// As messages call it: `'enabled'`, `item 2 of 'tags'`.
    var name: String { item.map { "item \($0) of '\(path)'" } ?? "'\(path)'" }

    private init(
        table: String?, key: String, item: Int? = nil, value: SourcedValue, fallback: SourcedValue? = nil,
        faults: FaultCollector
    ) {
        self.table = table
        self.key = key
        self.item = item
        self.value = value
        self.fallback = fallback
        self.faults = faults
    }

    /// The value of a key of a table of its own, such as `[supervisor]`.
    init(_ setting: Setting, faults: FaultCollector) {
        self.init(table: nil, key: setting.key, value: setting.value, fallback: setting.fallback, faults: faults)
    }

    /// `'enabled' must be true or false, found the string "yes"`, with a reason where the expectation alone leaves one open.
    func refuse(_ expected: String, because reason: String? = nil) {
        let found = "\(name) must be \(expected), found \(value.found)"
        faults.add(reason.map { "\(found): \($0)" } ?? found, at: place)
    }

    /// A fault of this value: its name and `message`.
    func fault(_ message: String) {
        faults.add("\(name) \(message)", at: place)
    }

    /// The value's items, each a subject of its own; nil where it is no list.
    var items: [Subject]? {
        guard let items = value.items else { return nil }
        return items.enumerated().map { index, item in
            Subject(table: table, key: key, item: index + 1, value: item, faults: faults)
        }
    }

    /// The tables of a list, or the one table that stands in place of a list of one; nil where it is neither.
    var tables: [Subject]? {
        items ?? (settings.map { _ in [self] })
    }

    /// The value's keys, those of the fallback beneath; nil where it is no table.
    var settings: Settings? {
        guard var settings = value.settings else { return nil }
        guard let beneath = fallback?.settings else { return settings }
        let own = Set(settings.list.map(\.key))
        settings.list += beneath.list.filter { !own.contains($0.key) }
        return settings
    }

    /// The value of a key inside it.
    func member(_ setting: Setting) -> Subject {
        Subject(table: path, key: setting.key, value: setting.value, fallback: setting.fallback, faults: faults)
    }
}
