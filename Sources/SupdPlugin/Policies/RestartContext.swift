/// What a restart policy may know when it is asked: the end, the service's own rules, and what was before.
public struct RestartContext: Hashable, Sendable {
    /// How the attempt ended that the question is about.
    public var exit: ExitRecord
    /// What the service counts as success, and what overrules its policy.
    public var rules: ExitStatusRules
    /// The ends before this one.
    public var history: RestartHistory

    /// A context of these.
    public init(
        exit: ExitRecord, rules: ExitStatusRules = ExitStatusRules(), history: RestartHistory = RestartHistory()
    ) {
        self.exit = exit
        self.rules = rules
        self.history = history
    }

    /// Whether the end that the question is about is none of the successes.
    public var isFailure: Bool { !rules.isSuccess(exit) }
}

/// The ends of an instance since the last order that started it, each of them followed by a restart.
///
/// `start`, `restart` and `reset-failed` empty it: somebody has looked, and the count begins anew.
public struct RestartHistory: Hashable, Sendable {
    /// No more ends than this are remembered; of older ones only `restarts` tells.
    public static var capacity: Int { 64 }

    /// The latest ends, the newest first.
    public var ends: [PastEnd]
    /// How many restarts there were since the last order, also those that `ends` has no room for.
    public var restarts: Int

    /// A history of these.
    public init(ends: [PastEnd] = [], restarts: Int? = nil) {
        self.ends = ends
        self.restarts = restarts ?? ends.count
    }
}

/// An end that was followed by a restart.
public struct PastEnd: Hashable, Sendable {
    /// How long before the question it was decided. At least zero.
    public var ago: Duration
    /// How it ended. Of a start that failed only the stage and the error are kept: its subject and its hint are empty.
    public var outcome: ExitOutcome
    /// Which command's end it was; nil for the program's own.
    public var command: ServiceCommand?
    /// Why supd ended it without an order; nil where it ended by itself.
    public var forced: ForcedEnd?
    /// How long the attempt ran, in whole milliseconds; 49 days stand for everything longer.
    public var ranFor: Duration
    /// Whether it was none of the successes.
    public var wasFailure: Bool
    /// Whether the policy answered with a delay of its own, `RestartDecision.restartAfter`.
    public var wasDelayed: Bool

    /// An end of these.
    public init(
        ago: Duration, outcome: ExitOutcome = .exited(code: 1), command: ServiceCommand? = nil,
        forced: ForcedEnd? = nil, ranFor: Duration, wasFailure: Bool = true, wasDelayed: Bool = false
    ) {
        self.ago = ago
        self.outcome = outcome
        self.command = command
        self.forced = forced
        self.ranFor = ranFor
        self.wasFailure = wasFailure
        self.wasDelayed = wasDelayed
    }
}
