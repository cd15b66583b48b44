import SupdHost
public import SupdPlugin

/// What a simulated program does with its life.
public struct ProcessScript: Hashable, Sendable {
    /// How it takes a signal to stop.
    public enum Obedience: Hashable, Sendable {
        /// It ends by the signal, so long after it.
        case ends(after: Duration)
        /// It catches the signal and exits with code 0, so long after it.
        case exits(after: Duration)
        /// Only SIGKILL ends it.
        case ignores
        /// Not even that: it hangs in the kernel.
        case unkillable
    }

    /// How long its spawn takes; nil for one that is back at once. Taken back it ends at once, unless it is unkillable.
    public var beginsAfter: Duration?
    /// How long it runs if nobody stops it; nil for ever.
    public var runsFor: Duration?
    /// How it ends after that.
    public var ends: ExitOutcome
    /// What it writes to standard output before that.
    public var says = ""
    /// How long the first read of that takes; nil where it is back at once.
    public var readTime: Duration?
    /// How it takes SIGTERM and the like.
    public var obedience: Obedience
    /// Processes that it leaves behind in sessions of their own, and how each takes a signal.
    public var leftovers: [Obedience]

    /// A program that runs for ever, ends at once on a signal and leaves nothing.
    public init(
        beginsAfter: Duration? = nil, runsFor: Duration? = nil, ends: ExitOutcome = .exited(code: 0),
        obedience: Obedience = .ends(after: .milliseconds(1)), leftovers: [Obedience] = []
    ) {
        self.beginsAfter = beginsAfter
        self.runsFor = runsFor
        self.ends = ends
        self.obedience = obedience
        self.leftovers = leftovers
    }
}

/// A process in the simulation.
struct SimulatedProcess {
    var pid: Int32
    var mark: TreeMark
    var service: String
    var obedience: ProcessScript.Obedience
    /// A main process has a handle; a leftover has none.
    var handle: UInt64?
    /// How it ended, once it has; a main process stays until it is reaped.
    var outcome: ExitOutcome?
    /// Whether an end is on its way already.
    var isEnding = false
}
