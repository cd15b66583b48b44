/// What has become of the control socket, the lock beside it and the note in that.
package struct ControlSocketState: Hashable, Sendable {
    /// Something that is not as it should be.
    package struct Trouble: Hashable, Sendable {
        /// What, as a sentence.
        package var text: String
        /// Whether the daemon does not do all that it promises for as long as it is so.
        package var isGrave: Bool
        /// Whether trying again is of no use.
        package var isLasting: Bool

        /// Trouble of these.
        package init(_ text: String, isGrave: Bool, isLasting: Bool = false) {
            self.text = text
            self.isGrave = isGrave
            self.isLasting = isLasting
        }
    }

    /// Files that had been removed and are there again.
    package var restored: [String] = []
    /// Files whose note for the next daemon somebody had changed, and that say again what they did.
    package var rewritten: [String] = []
    /// Where connections come from now; nil where that has not changed. The one before is the caller's to close.
    package var listener: Channel?
    /// What is not as it should be.
    package var troubles: [Trouble] = []
    /// The claim has another listener, which is no channel yet.
    var hasNewListener = false

    /// All is as it should be.
    package init() {}
}
