import Glibc
import SupdPlugin

/// The time that notifications go by.
struct NotifyClock: Sendable {
    let now: @Sendable () -> MonotonicInstant
    /// Lets time pass; throws when the task is cancelled.
    let wait: @Sendable (Duration) async throws -> Void

    /// CLOCK_MONOTONIC, which is Swift's suspending clock on Linux.
    static let monotonic = NotifyClock {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    } wait: {
        try await Task.sleep(for: $0, clock: .suspending)
    }
}
