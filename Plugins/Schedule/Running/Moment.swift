import Glibc
import SupdPlugin

/// A point in time on the two clocks that schedules go by.
struct Moment: Hashable, Sendable {
    /// What clocks show (CLOCK_REALTIME): `cron` goes by it.
    var wall: WallTime
    /// Time as it passes, also while the machine is asleep (CLOCK_BOOTTIME): `every` goes by it.
    var elapsed: MonotonicInstant

    /// Seconds since 1970.
    var seconds: Int64 { CivilTime.floor(wall.nanoseconds, 1_000_000_000) }
}

/// The time and the chance that schedules go by.
struct ScheduleClock: Sendable {
    let now: @Sendable () -> Moment
    /// Lets time pass, that of a machine asleep too; throws when the task is cancelled.
    let wait: @Sendable (Duration) async throws -> Void
    /// A number in 0..<1.
    let random: @Sendable () -> Double

    /// The machine's own. Swift's continuous clock is CLOCK_BOOTTIME on Linux.
    static let system = ScheduleClock {
        Moment(
            wall: WallTime(nanoseconds: read(CLOCK_REALTIME)),
            elapsed: MonotonicInstant(nanoseconds: read(CLOCK_BOOTTIME)))
    } wait: {
        try await Task.sleep(for: $0, clock: .continuous)
    } random: {
        Double.random(in: 0..<1)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
