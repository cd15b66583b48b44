/// One call. Its fields belong to the monitor's lock, but for `call`, which the thread that took it runs.
class AnyBlockingJob: @unchecked Sendable {
    /// Nobody waits any more: the end is told.
    var isLeft = false
    var isDone = false

    func perform() {}
    func tell() {}
}

final class BlockingJob<Value: Sendable>: AnyBlockingJob, @unchecked Sendable {
    private let call: @Sendable () -> Value
    private let late: @Sendable (Value) -> Void
    var value: Value?

    init(_ call: @escaping @Sendable () -> Value, late: @escaping @Sendable (Value) -> Void) {
        self.call = call
        self.late = late
    }

    override func perform() { value = call() }

    override func tell() {
        if let value { late(value) }
    }
}
