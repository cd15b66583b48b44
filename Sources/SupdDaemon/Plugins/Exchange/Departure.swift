import SupdEngine
import SupdPlugin

/// Something of a plugin on its way out: told, cancelled when its time is over, and given up a grace later, as a drain does it.
struct Departure {
    /// What goes.
    enum Subject {
        /// The jobs of a plugin and their children.
        case jobs(of: String)
        /// What waits for an event sink of a plugin.
        case events(sink: Int, of: String)
        /// What waits for the log sink of a service.
        case lines(sink: Int)

        /// The plugin whose new jobs and sinks wait for it.
        var awaitedBy: String? {
            switch self {
            case .jobs(let plugin), .events(_, let plugin): plugin
            case .lines: nil
            }
        }
    }

    /// What is to be done.
    enum Step {
        /// Its time is over: it is to be told. It has until then.
        case cancel(until: MonotonicInstant)
        /// Nothing waits for it any more.
        case abandon
    }

    let subject: Subject
    /// What it had.
    let budget: Duration
    /// When its next step is due.
    private(set) var deadline: MonotonicInstant
    private var isCancelled = false

    /// One that begins now.
    init(_ subject: Subject, budget: Duration, now: MonotonicInstant) {
        self.subject = subject
        self.budget = budget
        deadline = now.advanced(by: budget)
    }

    /// The step that is due; nil for none.
    mutating func advance(now: MonotonicInstant) -> Step? {
        guard now >= deadline else { return nil }
        guard !isCancelled else { return .abandon }
        isCancelled = true
        deadline = now.advanced(by: DrainMachine.grace)
        return .cancel(until: deadline)
    }
}

/// Everything on its way out, by numbers that are never used again.
struct DepartureTable {
    private(set) var departures = [Int: Departure]()
    private var last = 0

    subscript(number: Int) -> Departure? {
        get { departures[number] }
        set { departures[number] = newValue }
    }

    /// Adds one, and answers its number.
    mutating func add(_ departure: Departure) -> Int {
        last += 1
        departures[last] = departure
        return last
    }

    /// Whether jobs of `plugin` are on their way out.
    func hasJobs(of plugin: String) -> Bool {
        departures.values.contains {
            if case .jobs(plugin) = $0.subject { return true }
            return false
        }
    }

    /// Whether `plugin` waits for something to be gone.
    func holdsUp(_ plugin: String) -> Bool { departures.values.contains { $0.subject.awaitedBy == plugin } }
}
