import SupdPlugin

/// At most so many within a sliding interval, and how many were left out since the last that was let through.
struct RateLimit {
    /// What becomes of one.
    enum Answer: Hashable {
        /// It goes out, after so many that did not.
        case pass(suppressed: Int)
        /// It does not. Only the first of a row is news.
        case suppress(isFirst: Bool)
    }

    private let burst: Int
    private let interval: Duration
    private var passed: [MonotonicInstant] = []
    private var suppressed = 0

    init(burst: Int, interval: Duration) {
        self.burst = burst
        self.interval = interval
    }

    mutating func ask(now: MonotonicInstant) -> Answer {
        passed.removeAll { now.duration(since: $0) >= interval }
        guard passed.count < burst else {
            suppressed += 1
            return .suppress(isFirst: suppressed == 1)
        }
        passed.append(now)
        defer { suppressed = 0 }
        return .pass(suppressed: suppressed)
    }
}
