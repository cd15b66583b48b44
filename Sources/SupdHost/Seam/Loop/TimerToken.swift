/// Names a timer. What the numbers mean is its owner's business.
public struct TimerToken: Hashable, Sendable {
    /// What kind of deadline it is.
    public var kind: UInt16
    /// Whose it is.
    public var subject: UInt32

    /// The timer `kind` of `subject`.
    public init(kind: UInt16, subject: UInt32 = 0) {
        self.kind = kind
        self.subject = subject
    }
}
