/// The queues of the plugins' sinks: of events first, then of lines. Each is found by a number that is never used again.
struct SinkTable: Sequence {
    private(set) var events: [SinkQueue] = []
    private(set) var lines: [SinkQueue] = []
    private var queueOfNumber = [Int: SinkQueue]()
    private var last = 0

    /// Whether there is none.
    var isEmpty: Bool { queueOfNumber.isEmpty }

    /// The queue of a number; nil of one that is gone.
    subscript(number: Int) -> SinkQueue? { queueOfNumber[number] }

    /// All of them.
    func makeIterator() -> some IteratorProtocol<SinkQueue> { [events, lines].joined().makeIterator() }

    /// Adds a queue, which gets its number.
    mutating func add(_ queue: SinkQueue) {
        last += 1
        queue.number = last
        queueOfNumber[last] = queue
        if queue.takesEvents { events.append(queue) } else { lines.append(queue) }
    }

    /// Takes queues out. Nothing for what is out already.
    mutating func remove(_ numbers: Set<Int>) {
        guard !numbers.isEmpty else { return }
        for number in numbers { queueOfNumber[number] = nil }
        events.removeAll { numbers.contains($0.number) }
        lines.removeAll { numbers.contains($0.number) }
    }
}
