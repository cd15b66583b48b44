import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

/// How long the loop was away.
@Suite struct TurnTimesTests {
    private let at = MonotonicInstant(nanoseconds: 5)

    /// When a turn has begun that ends now.
    private func start(_ took: Duration) -> MonotonicInstant { at.advanced(by: .zero - took) }

    @Test func sharesAreToldToAnEighth() {
        var times = TurnTimes()
        #expect(times.percentile(0.5) == .zero)
        for microseconds in 1...1000 { times.note(start(.microseconds(microseconds)), at, []) }
        #expect(times.turns == 1000)
        for share in [0.01, 0.5, 0.9, 0.99] {
            let told = Double(times.percentile(share).clampedNanoseconds) / (share * 1_000_000)
            #expect((0.999...1.126).contains(told), "\(share): \(told)")
        }
        #expect(times.percentile(1) == .milliseconds(1))
    }

    @Test func theLongestTurnIsToldWithWhatHadCome() {
        var times = TurnTimes()
        let timer = HostEvent.timer(TimerToken(kind: 1))
        times.note(start(.milliseconds(3)), at, [.signal(.term), timer, timer])
        times.note(start(.milliseconds(2)), at, [timer])
        #expect(times.longest?.took == .milliseconds(3))
        #expect(times.longest?.at == at)
        #expect(times.longest?.work == "2 timers, 1 signal")
    }

    /// A clock that stands still, or a day of waiting for a page from a disk.
    @Test func noDurationIsTooShortOrTooLong() {
        var times = TurnTimes()
        for duration in [Duration.zero, .seconds(-1), .nanoseconds(1), .seconds(86_400), .seconds(1 << 40)] {
            times.note(start(duration), at, [])
        }
        #expect(times.turns == 5)
        #expect(times.percentile(1) > .seconds(500))
    }
}
