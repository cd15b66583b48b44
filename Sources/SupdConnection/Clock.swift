import Glibc
package import SupdPlugin

/// The clocks of this machine, and waiting on the monotonic one.
package enum Clock {
    package static var now: MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds(of: CLOCK_MONOTONIC))
    }

    /// Wall time, for display only.
    package static var wall: WallTime {
        WallTime(nanoseconds: nanoseconds(of: CLOCK_REALTIME))
    }

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Milliseconds until `deadline` as poll(2) takes them: rounded up so that it does not wake too early, -1 for
    /// no deadline.
    package static func pollTimeout(until deadline: MonotonicInstant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = deadline.duration(since: now).clampedNanoseconds
        guard left > 0 else { return 0 }
        return Int32(clamping: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
    }
}
