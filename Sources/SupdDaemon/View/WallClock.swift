import SupdHost
import SupdPlugin

/// What the wall clock shows at instants of the monotonic one, for display: the same in every answer, as long as nobody sets it.
final class WallClock {
    private let host: any Host
    /// By how much it is ahead of the monotonic one, in nanoseconds.
    private(set) var difference: Int64

    /// Two readings one after the other may differ by so much; what differs by more was set.
    private static let jump: Int64 = 100_000_000

    /// The clock that shows `time` now.
    init(_ host: any Host, shows time: WallTime) {
        self.host = host
        difference = time.nanoseconds - host.readClock().nanoseconds
    }

    /// What it shows at an instant.
    func time(of instant: MonotonicInstant) -> WallTime {
        WallTime(nanoseconds: difference + instant.nanoseconds)
    }

    /// Looks whether it was set. Answers what the monotonic one says.
    @discardableResult
    func look() -> MonotonicInstant {
        let now = host.readClock()
        let difference = host.wallClock().nanoseconds - now.nanoseconds
        if abs(difference - self.difference) > Self.jump { self.difference = difference }
        return now
    }
}
