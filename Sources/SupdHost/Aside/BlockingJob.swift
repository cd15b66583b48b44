/// One call. Its fields belong to the monitor's lock, but for those that say something else.
class AnyBlockingJob: @unchecked Sendable {
    /// Nobody waits any more: the end is told.
    var isLeft = false
    var isDone = false

    func perform() {}
    func tell() {}
}

/// A call and its result, which is given once: to who waits for it, or to `then`.
final class BlockingJob<Value: Sendable>: AnyBlockingJob, @unchecked Sendable {
    private let call: @Sendable () -> Value
    private let mailbox: LoopMailbox
    /// The loop's thread's: who is told of the result, until it is given.
    private var then: ((Value) -> Void)?
    /// The loop's thread's: whether others were before it as it was added.
    var standsInLine = false
    /// Of the thread that makes the call, until it is done.
    private(set) var value: Value?

    init(_ call: @escaping @Sendable () -> Value, mailbox: LoopMailbox, then: @escaping (Value) -> Void) {
        self.call = call
        self.mailbox = mailbox
        self.then = then
    }

    override func perform() { value = call() }

    /// Makes the call on this thread. For a job that no monitor has.
    func performHere() {
        perform()
        isDone = true
    }

    /// Has `then` told of the result, where nobody takes it before.
    override func tell() {
        mailbox.submit { [self] in
            guard let value, let then, take() else { return }
            then(value)
        }
    }

    /// Whether the result was not given yet; from now on it is.
    func take() -> Bool {
        defer { then = nil }
        return then != nil
    }
}
