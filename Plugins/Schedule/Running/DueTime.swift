import SupdPlugin

/// When a schedule's next run is: the time that its rule names, and how much later chance has it.
struct DueTime: Hashable, Sendable {
    enum Rule: Hashable, Sendable {
        /// By what clocks show, in seconds since 1970.
        case wall(Int64)
        /// By time as it passes.
        case elapsed(MonotonicInstant)
    }

    let rule: Rule
    let delay: Duration

    /// How long from `now` it is; below zero once it is over.
    func remaining(_ now: Moment) -> Duration {
        switch rule {
        case .wall(let seconds): .seconds(seconds) - .nanoseconds(now.wall.nanoseconds) + delay
        case .elapsed(let instant): instant.duration(since: now.elapsed) + delay
        }
    }

    /// When it is on a clock, as far as can be told now.
    func wallTime(_ now: Moment) -> WallTime {
        let nanoseconds = (Duration.nanoseconds(now.wall.nanoseconds) + remaining(now)).clampedNanoseconds
        return WallTime(nanoseconds: nanoseconds)
    }
}
