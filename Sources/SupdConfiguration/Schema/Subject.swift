import SupdTOML

/// A value that is being read, with what a fault about it needs.
struct Subject {
    /// The path of the table that the key is in; nil of a table of its own. Put together with the key only where something is told of it.
    private let table: String?
    private let setting: Setting
    /// Which item of the list there it is, from 1; nil where it is the key's own value.
    let item: Int?
    let value: SourcedValue
    let faults: FaultCollector

    /// The key's path without quotation marks.
    var path: String { table.map { "\($0).\(setting.key)" } ?? setting.key }

    var place: Place { value.place }

    /// As messages call it: `'enabled'`, `item 2 of 'tags'`.
    var name: String { item.map { "item \($0) of '\(path)'" } ?? "'\(path)'" }

    private init(table: String?, setting: Setting, item: Int? = nil, value: SourcedValue, faults: FaultCollector) {
        self.table = table
        self.setting = setting
        self.item = item
        self.value = value
        self.faults = faults
    }

    /// The value of a key of a table of its own, such as `[supervisor]`.
    init(_ setting: Setting, faults: FaultCollector) {
        self.init(table: nil, setting: setting, value: setting.value, faults: faults)
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

    /// A fault of `setting` inside it, whose key was likely meant to be `key`.
    func tellMisspelt(_ setting: Setting, for key: String) {
        faults.add(
            "unknown key '\(path).\(shortened(setting.key))'; did you mean '\(path).\(key)'?", at: setting.place)
    }

    /// The value's items; nil where it is no list.
    var items: Items? { value.items.map { Items(list: self, nodes: $0) } }

    /// The items of a list, each a subject of its own, which is made as it is looked at.
    struct Items: RandomAccessCollection {
        fileprivate let list: Subject
        fileprivate let nodes: [TOMLNode]

        var startIndex: Int { 0 }
        var endIndex: Int { nodes.count }

        subscript(place: Int) -> Subject {
            Subject(
                table: list.table, setting: list.setting, item: place + 1,
                value: SourcedValue(node: nodes[place], file: list.value.file), faults: list.faults)
        }
    }

    /// The tables of a list, or the one table that stands in place of a list of one; nil where it is neither.
    var tables: [Subject]? {
        items.map { Array($0) } ?? settings.map { _ in [self] }
    }

    /// The value's keys, those of the fallback beneath; nil where it is no table.
    var settings: Settings? {
        guard var settings = value.settings else { return nil }
        guard item == nil, let beneath = setting.fallback?.settings else { return settings }
        let own = Set(settings.list.map(\.key))
        settings.list += beneath.list.filter { !own.contains($0.key) }
        return settings
    }

    /// The value of a key inside it.
    func member(_ setting: Setting) -> Subject {
        Subject(table: path, setting: setting, value: setting.value, faults: faults)
    }
}
