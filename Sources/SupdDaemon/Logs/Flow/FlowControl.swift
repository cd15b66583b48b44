import DequeModule

/// Whether a sink has room for more lines, and the pumps that wait until it has.
///
/// The sink says how many bytes wait in it: `added` after each write, `took` once something has left it. From `limit` on it
/// is full, and pipes of services that wait for it (`log.overflow`) are not read: they fill, and who writes to them waits
/// in write(2). Once half of the limit is free the pumps go on, first come first served and each with one turn's read,
/// until it is full again. What a pump has read is always taken, so that one such read may come on top of the limit.
///
/// A sink that is gone is never full: it drops what comes, and counts it.
final class FlowControl {
    /// What it is, as a message begins: `standard error`, `log file /var/log/web.log`.
    let title: String
    /// With so many bytes that wait it is full, from the next write on.
    var limit: Int
    private var pending = 0
    private var waiting: Deque<LogPump> = []
    private var isFull = false
    /// Nobody waits for it until it has room again: what comes is dropped.
    private(set) var isGivenUp = false
    private var isGoingOn = false
    /// Whether anything has left it since `takeStall` last asked.
    private var hasMoved = true
    /// For how many looks of `StallWatch` it has taken nothing.
    var stalledLooks = 0

    /// A sink called `title` that is full with `limit` bytes.
    init(title: String, limit: Int) {
        self.title = title
        self.limit = limit
    }

    /// Whether who writes to it has to wait.
    var holdsUp: Bool { isFull && !isGivenUp }

    /// After a write: `bytes` wait in the sink. It may be full now.
    func added(pending bytes: Int) {
        pending = bytes
        guard bytes >= limit, !isFull else { return }
        isFull = true
        hasMoved = true
    }

    /// The sink has passed something on, or has dropped it: `bytes` still wait. Pumps may go on, and then write to the sink before this
    /// returns; so it must not be called from within a write.
    func took(pending bytes: Int) {
        if bytes < pending { hasMoved = true }
        pending = bytes
        guard bytes <= limit / 2 else { return }
        isFull = false
        isGivenUp = false
        goOn()
    }

    /// Lets nobody wait for it any more, for as long as it stays full. Nothing where it is not.
    func giveUp() {
        guard isFull else { return }
        isGivenUp = true
        goOn()
    }

    /// Has `pump.goOn` called once there is room.
    func wait(_ pump: LogPump) { waiting.append(pump) }

    /// Whether anybody waits for it.
    var isAwaited: Bool { !waiting.isEmpty }

    /// Forgets a pump that waits.
    func remove(_ pump: LogPump) { waiting.removeAll { $0 === pump } }

    /// Whether it holds up who writes to it and nothing has left it since this was last asked, or since it became full.
    func takeStall() -> Bool {
        defer { hasMoved = false }
        return holdsUp && !hasMoved
    }

    private func goOn() {
        guard !isGoingOn else { return }
        isGoingOn = true
        // Each once: who finds the sink full again waits at the end.
        for _ in 0..<waiting.count {
            guard !holdsUp, let pump = waiting.popFirst() else { break }
            pump.goOn()
        }
        isGoingOn = false
    }
}
