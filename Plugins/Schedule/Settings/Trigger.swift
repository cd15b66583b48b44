import SupdPlugin

/// When a service is run again and again.
enum Trigger: Hashable, Sendable, CustomStringConvertible {
    /// At times of a clock.
    case cron(CronExpression, text: String)
    /// So long from start to start.
    case every(Duration)
    /// Never: only when the daemon starts.
    case never

    var description: String {
        switch self {
        case .cron(_, let text): text
        case .every(let interval): "every \(interval.text)"
        case .never: "at start"
        }
    }
}

/// What becomes of a run whose service has not ended yet.
enum Overlap: String, Hashable, Sendable, CaseIterable {
    /// It is left out.
    case skip
    /// It waits for the end; one at most does.
    case queue
    /// The one that runs is stopped for it.
    case kill
}

/// What becomes of runs that were due while the daemon was down or the machine asleep.
enum MissedRuns: String, Hashable, Sendable, CaseIterable {
    /// They are left out.
    case skip
    /// One is made up for, however many there were.
    case run
}
