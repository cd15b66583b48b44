import SupdHost
import SupdPlugin

/// What the wall clock shows at instants of the monotonic one, for display: the same in every answer, as long as nobody sets it.
final class WallClock {
    private let host: any HostClock
    /// By how much it is ahead of the monotonic one, in nanoseconds.
    private(set) var difference: Int64

    /// Two readings one after the other may differ by so much; what differs by more was set.
    private static let jump: Int64 = 100_000_000

    /// The clock that shows `time` now.
    init(_ host: any HostClock, shows time: WallTime) {
        self.host = host
        difference = time.nanoseconds - host.readClock().nanoseconds
    }

    /// What it shows at an instant.
    func time(of instant: MonotonicInstant) -> WallTime {
        WallTime(nanoseconds: difference).advanced(byNanoseconds: instant.nanoseconds)
    }

    /// Looks whether it was set.
    func look() {
        // By the turn's beginning, which takes no reading: the other clock is read only where that differs, as the turn may just have taken long.
        guard isAnother(host.wallClock().nanoseconds - host.now.nanoseconds) else { return }
        let now = host.readClock()
        let difference = host.wallClock().nanoseconds - now.nanoseconds
        if isAnother(difference) { self.difference = difference }
    }

    private func isAnother(_ difference: Int64) -> Bool { abs(difference - self.difference) > Self.jump }
}
