/// Names a timer. What the numbers mean is its owner's business.
package struct TimerToken: Hashable, Sendable {
    /// What kind of deadline it is.
    package var kind: UInt16
    /// Whose it is.
    package var subject: UInt64

    /// The timer `kind` of `subject`.
    package init(kind: UInt16, subject: UInt64 = 0) {
        self.kind = kind
        self.subject = subject
    }
}
