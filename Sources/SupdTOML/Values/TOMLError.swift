/// A mistake in a text.
package struct TOMLError: Error, Hashable, Sendable {
    /// Where it is.
    package var position: TOMLPosition
    /// What was found and what was expected, in one line without a full stop.
    package var message: String
    /// Whether it is a key or a table that is defined a second time: no more than that is wrong with it, and it is read
    /// into ``TOMLTable/repetitions``.
    package var isRepetition: Bool

    /// An error.
    package init(position: TOMLPosition, message: String, isRepetition: Bool = false) {
        self.position = position
        self.message = message
        self.isRepetition = isRepetition
    }
}

extension TOMLError: CustomStringConvertible {
    /// `LINE:COLUMN: message`.
    package var description: String { "\(position): \(message)" }
}
