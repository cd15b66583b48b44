/// What has a key of its own in a table.
protocol Keyed {
    var key: TOMLKey { get }
}

/// Where each name of a table is among its entries; names come once each, in order. Nothing where walking them costs less.
struct KeyIndex: Sendable {
    private var places = [ExactKey: Int]()
    private static let walkedNames = 16

    /// The place of a name among all the entries that were noted.
    func place(of name: String, among entries: [some Keyed]) -> Int? {
        guard places.isEmpty else { return places[ExactKey(text: name)] }
        return entries.firstIndex { ExactKey(text: $0.key.name) == ExactKey(text: name) }
    }

    /// Takes the last of the entries, whose name is not there yet.
    mutating func noteLast(of entries: [some Keyed]) {
        guard entries.count > Self.walkedNames else { return }
        for place in (places.isEmpty ? 0 : entries.count - 1)..<entries.count {
            places[ExactKey(text: entries[place].key.name)] = place
        }
    }
}

/// A name that is the same as another only if the code points are: Swift's own equality takes canonically equivalent
/// texts for the same, TOML does not.
private struct ExactKey: Hashable {
    let text: String

    static func == (one: ExactKey, other: ExactKey) -> Bool {
        guard one.text == other.text else { return false }
        var (one, other) = (one.text, other.text)
        return one.withUTF8 { one in other.withUTF8 { one.elementsEqual($0) } }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}
