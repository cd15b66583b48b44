/// A mistake in a text.
public struct TOMLError: Error, Hashable, Sendable {
    /// Where it is.
    public var position: TOMLPosition
    /// What was found and what was expected, in one line without a full stop.
    public var message: String

    /// An error.
    public init(position: TOMLPosition, message: String) {
        self.position = position
        self.message = message
    }
}

extension TOMLError: CustomStringConvertible {
    /// `LINE:COLUMN: message`.
    public var description: String { "\(position): \(message)" }
}
