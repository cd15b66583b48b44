package import SupdPlugin

/// What an instance has a time limit for, and when that is over; each has its name, and the earliest is the one that is armed. Most of them
/// exclude each other: what ends a phase ends its deadlines.
package struct Deadlines: Hashable, Sendable {
    /// A start, from its spawn until it is ready.
    @OptionalInstant package internal(set) var start: MonotonicInstant?
    /// When what is ready has stayed up long enough to count.
    @OptionalInstant package internal(set) var uptime: MonotonicInstant?
    /// A run.
    @OptionalInstant package internal(set) var runtime: MonotonicInstant?
    /// The next sign of life.
    @OptionalInstant package internal(set) var watchdog: MonotonicInstant?
    /// A pause before the next attempt.
    @OptionalInstant package internal(set) var backoff: MonotonicInstant?
    /// A step of a stop.
    @OptionalInstant package internal(set) var step: MonotonicInstant?

    /// The earliest; nil for none.
    package var earliest: MonotonicInstant? {
        // Asked before and after every event of a machine: no list is made for it.
        let rank = min(
            min(_start.rank, _uptime.rank), min(_runtime.rank, _watchdog.rank), min(_backoff.rank, _step.rank))
        return OptionalInstant(rank: rank).wrappedValue
    }

    /// None.
    static let none = Deadlines()
}

/// An instant or none, in the room of an instant: a machine has six of them, and most are none.
@propertyWrapper
package struct OptionalInstant: Hashable, Sendable {
    /// What no clock comes to stands for none.
    private var nanoseconds = Int64.min

    /// None.
    package init() {}

    /// That one.
    package init(wrappedValue: MonotonicInstant?) { self.wrappedValue = wrappedValue }

    package var wrappedValue: MonotonicInstant? {
        get { nanoseconds == .min ? nil : MonotonicInstant(nanoseconds: nanoseconds) }
        set { nanoseconds = newValue?.nanoseconds ?? .min }
    }

    /// The one with this rank.
    fileprivate init(rank: Int64) { nanoseconds = rank &+ 1 }

    /// By which they are in their order, with none behind all others.
    fileprivate var rank: Int64 { nanoseconds &- 1 }
}

/// A duration that may be missing, in the room of a number of nanoseconds: one of three centuries is cut to that.
@propertyWrapper
package struct OptionalDuration: Hashable, Sendable {
    /// What no duration comes to stands for none.
    private var nanoseconds = Int64.min

    /// None.
    package init() {}

    package var wrappedValue: Duration? {
        get { nanoseconds == .min ? nil : .nanoseconds(nanoseconds) }
        set { nanoseconds = newValue.map { max($0.clampedNanoseconds, .min + 1) } ?? .min }
    }
}
