import SupdPlugin

extension ServiceMachine {
    /// How soon it has to give the next sign of life while it is up; nil where none is awaited.
    var watchdogLimit: Duration? {
        let limit = ownWatchdog ?? settings.watchdog
        return limit == .zero ? nil : limit
    }

    mutating func notified(
        attempt: UInt64, _ notice: ServiceNotice, now: MonotonicInstant, into actions: inout [ServiceAction]
    ) {
        // What an older attempt said, told late; or nothing of it runs any more.
        guard isCurrent(attempt), pid != nil else { return }
        switch notice {
        case .mainProcess(let process): pid = process
        case .alive: awaitSignOfLife(now: now)
        case .watchdog(let limit):
            ownWatchdog = max(limit, .zero)
            awaitSignOfLife(now: now)
        case .failing:
            // What goes down, or waits for those who need it before it does, is on its way already.
            guard phase == .starting || phase == .running, !stopRequested else { return }
            dropStartErrand(into: &actions)
            abort(as: .watchdogTrigger, now: now, into: &actions)
        case .needsTime(let time): extend(by: time, now: now)
        }
    }

    /// Only what is up is watched (systemd.service(5), WatchdogSec=).
    private mutating func awaitSignOfLife(now: MonotonicInstant) {
        guard phase == .running else { return }
        deadlines.watchdog = watchdogLimit.map(now.advanced(by:))
    }

    /// Has the time limit of what it is doing be over no sooner than `time` from now, so far as `extendMax` allows. A time limit that is not
    /// there stays away, and the time after SIGKILL is not its own.
    private mutating func extend(by time: Duration, now: MonotonicInstant) {
        func later(_ deadline: MonotonicInstant) -> MonotonicInstant {
            let most = deadline.advanced(by: settings.extendMax - extended)
            let wanted = min(now.advanced(by: time), most)
            guard wanted > deadline else { return deadline }
            extended += wanted.duration(since: deadline)
            return wanted
        }
        switch phase {
        case .starting: deadlines.start = deadlines.start.map(later)
        case .running: deadlines.runtime = deadlines.runtime.map(later)
        case .stopping(let stop) where stop.kills == 0: deadlines.step = deadlines.step.map(later)
        default: return
        }
    }
}
