import SupdPlugin
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        (Duration.zero, "0s"), (.nanoseconds(1), "0us"), (.nanoseconds(999), "0.99us"), (.microseconds(15), "15us"),
        (.milliseconds(850), "850ms"), (.milliseconds(1500), "1.5s"), (.seconds(59), "59s"), (.seconds(60), "1min"),
        (.seconds(90), "1min 30s"), (.seconds(3600), "1h"), (.seconds(7500), "2h 5min"), (.seconds(259_200), "3d"),
        (.seconds(90_061), "1d 1h"), (.milliseconds(-1500), "-1.5s"),
    ])
    func aDurationIsPrintedAsAPersonReadsIt(duration: Duration, expected: String) {
        #expect(duration.text == expected)
    }

    @Test func nanosecondsAreHeldWithinSixtyFourBits() {
        #expect(Duration.seconds(Int64.max).clampedNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).clampedNanoseconds == .min)
        #expect(Duration.milliseconds(-1).clampedNanoseconds == -1_000_000)
    }

    @Test func instantsSaturateAtTheEndOfTheClock() {
        let late = MonotonicInstant(nanoseconds: .max - 1)
        #expect(late.advanced(by: .seconds(1)).nanoseconds == .max)
        #expect(MonotonicInstant(nanoseconds: .min + 1).advanced(by: .seconds(-1)).nanoseconds == .min)
        #expect(late.advanced(by: .zero) == late)
        #expect(MonotonicInstant(nanoseconds: 5).duration(since: MonotonicInstant(nanoseconds: 2)) == .nanoseconds(3))
    }
}
