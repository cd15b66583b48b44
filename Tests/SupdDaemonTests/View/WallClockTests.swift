import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

/// What the wall clock shows, where somebody sets it and where turns take long.
@Suite struct WallClockTests {
    private final class Clocks: HostClock {
        var now = MonotonicInstant(nanoseconds: 5_000_000_000)
        /// How long the turn has taken so far.
        var taken = Duration.zero
        var step = Duration.zero

        func readClock() -> MonotonicInstant { now.advanced(by: taken) }
        func wallClock() -> WallTime {
            WallTime(nanoseconds: 1_700_000_000_000_000_000 + readClock().nanoseconds + step.clampedNanoseconds)
        }
        func random() -> Double { 0 }
    }

    private let clocks = Clocks()

    private func ahead(_ clock: WallClock) -> Int64 { clock.time(of: MonotonicInstant(nanoseconds: 0)).nanoseconds }

    @Test(arguments: [Duration.seconds(3600), .seconds(-3600), .milliseconds(150)])
    func aClockThatWasSetIsSeen(_ step: Duration) {
        let clock = WallClock(clocks, shows: clocks.wallClock())
        clocks.step = step
        clock.look()
        #expect(ahead(clock) == 1_700_000_000_000_000_000 + step.clampedNanoseconds)
    }

    @Test(arguments: [Duration.milliseconds(90), .milliseconds(150), .seconds(20)])
    func aTurnThatTakesLongSetsNoClock(_ taken: Duration) {
        let clock = WallClock(clocks, shows: clocks.wallClock())
        clocks.taken = taken
        clock.look()
        #expect(ahead(clock) == 1_700_000_000_000_000_000)
        clocks.step = .seconds(60)
        clock.look()
        #expect(ahead(clock) == 1_700_000_060_000_000_000)
    }

    /// A plugin's delay may be longer than any clock counts.
    @Test func whatIsBeyondAllTimeIsItsEnd() {
        let clocks = Clocks()
        let clock = WallClock(clocks, shows: clocks.wallClock())
        #expect(clock.time(of: MonotonicInstant(nanoseconds: .max)) == WallTime(nanoseconds: .max))
        #expect(WallTime(nanoseconds: -2).advanced(byNanoseconds: .min) == WallTime(nanoseconds: .min))
        #expect(WallTime(nanoseconds: 5).advanced(byNanoseconds: -7) == WallTime(nanoseconds: -2))
    }
}
