/// Where each name of a table is; names come once each, in order.
struct KeyIndex: Sendable {
    private var names: [String] = []
    /// Only from the size on where walking the names would cost more.
    private var places = [ExactKey: Int]()
    private static let walkedNames = 16

    func place(of name: String) -> Int? {
        guard places.isEmpty else { return places[ExactKey(text: name)] }
        return names.firstIndex { ExactKey(text: $0) == ExactKey(text: name) }
    }

    /// Takes a name that is not there yet.
    mutating func append(_ name: String) {
        if names.count == Self.walkedNames {
            for (place, name) in names.enumerated() { places[ExactKey(text: name)] = place }
        }
        if names.count >= Self.walkedNames { places[ExactKey(text: name)] = names.count }
        names.append(name)
    }
}

/// A name that is the same as another only if the code points are: Swift's own equality takes canonically equivalent
/// texts for the same, TOML does not.
private struct ExactKey: Hashable {
    let text: String

    static func == (one: ExactKey, other: ExactKey) -> Bool {
        one.text == other.text && one.text.utf8.elementsEqual(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}
