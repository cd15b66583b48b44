/// Options that are each right but wrong together; `option` is the key the message is about.
public struct OptionError: Error, Hashable, Sendable {
    /// A place inside an option that is a list of tables.
    public struct Item: Hashable, Sendable {
        /// Which table, counted from 0.
        public var index: Int
        /// The key in it at fault; nil where the fault is of the whole table.
        public var key: String?

        /// The place of `key` in the table `index`.
        public init(_ index: Int, key: String? = nil) {
            self.index = index
            self.key = key
        }
    }

    /// The key at fault.
    public var option: String
    /// Where inside it, where it is a list of tables.
    public var item: Item?
    /// What is wrong and what would be right.
    public var message: String
    /// More that was found in the same look; the configuration tells all of it.
    public var others: [OptionError] = []

    /// The error of `option`, or of a place in it.
    public init(option: String, item: Item? = nil, message: String) {
        self.option = option
        self.item = item
        self.message = message
    }

    /// All of `errors` as one, with what each of them has gathered; nil where there are none.
    public init?(_ errors: [OptionError]) {
        guard let first = errors.first else { return nil }
        self = first
        others += errors.dropFirst().flatMap { [$0] + $0.others }
    }

    /// What each of `reads` answers. Throws everything that any of them throws, as one: what is wrong with one option hides nothing of another.
    package static func together<each Value>(
        _ reads: repeat () throws(OptionError) -> each Value
    ) throws(OptionError) -> (repeat each Value) {
        let results = (repeat Result(catching: each reads))
        var errors: [OptionError] = []
        for result in repeat each results {
            if case .failure(let error) = result { errors.append(error) }
        }
        if let error = OptionError(errors) { throw error }
        return (repeat try (each results).get())
    }
}
