import Glibc
package import SupdPlugin

/// The monotonic clock of this machine, and waiting on it.
package enum Clock {
    package static var now: MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
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
