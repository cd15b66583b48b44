/// Strings in their order. Mostly there is one, and that is kept without a list: to make one and to give it back takes four hundred instructions.
package enum JSONStrings: Hashable, Sendable {
    case one(String)
    /// None, or several.
    case list([String])

    /// None.
    package init() { self = .list([]) }

    /// These.
    package init(_ strings: [String]) { self = strings.count == 1 ? .one(strings[0]) : .list(strings) }

    /// All of them.
    package var all: [String] {
        switch self {
        case .one(let text): [text]
        case .list(let several): several
        }
    }

    /// How many there are.
    package var count: Int {
        switch self {
        case .one: 1
        case .list(let several): several.count
        }
    }

    /// The one that there is; nil where there are none, or several.
    package var only: String? {
        if case .one(let text) = self { text } else { nil }
    }

    mutating func append(_ text: String) {
        switch self {
        case .one(let first): self = .list([first, text])
        case .list(let several) where several.isEmpty: self = .one(text)
        case .list(var several):
            // Two that refer to the list would have it copied.
            self = .list([])
            several.append(text)
            self = .list(several)
        }
    }
}
