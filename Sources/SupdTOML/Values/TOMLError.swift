/// A mistake in a text.
public struct TOMLError: Error, Hashable, Sendable {
    /// Where it is.
    public var position: TOMLPosition
    /// What was found and what was expected, in one line without a full stop.
    public var message: String
    /// Whether it is a key or a table that is defined a second time: no more than that is wrong with it, and it is read
    /// into ``TOMLTable/repetitions``.
    public var isRepetition: Bool

    /// An error.
    public init(position: TOMLPosition, message: String, isRepetition: Bool = false) {
        self.position = position
        self.message = message
        self.isRepetition = isRepetition
    }
}

extension TOMLError: CustomStringConvertible {
    /// `LINE:COLUMN: message`.
    public var description: String { "\(position): \(message)" }
}
