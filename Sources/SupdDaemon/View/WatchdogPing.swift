import SupdHost
import SupdPlugin

/// The service manager's watchdog (sd_watchdog_enabled(3)): it kills and starts anew a daemon that it has not heard of for so long.
struct WatchdogPing {
    /// When it was last told; nil before the first time.
    private(set) var lastAt: MonotonicInstant?
    /// When it is told next.
    private(set) var nextAt = MonotonicInstant(nanoseconds: .min)

    /// It is told so often in its time: what is not taken, or comes late, is no reason to kill anybody yet.
    private static let timesInInterval = 3

    /// It was to be told at `now`, and took it or not.
    mutating func sent(at now: MonotonicInstant, taken: Bool, interval: Duration) {
        if taken { lastAt = now }
        nextAt = now.advanced(by: interval / Self.timesInInterval)
    }
}

extension Supervisor {
    /// Tells the watchdog, which wants to hear of it in every `interval`, that the daemon lives, where it is time to. At the end of a turn:
    /// events were taken, the fleet has moved on, and the host has done what follows. A loop that is stuck somewhere there, or whose timers do not come, is not heard of.
    func pingWatchdog(_ interval: Duration) {
        let now = host.readClock()
        guard now >= watchdog.nextAt else { return }
        // What is not taken now is not kept: by the time that it would be, it says nothing.
        watchdog.sent(at: now, taken: host.notify("WATCHDOG=1"), interval: interval)
        host.arm(TimerKind.watchdog.token(), at: watchdog.nextAt)
    }
}
