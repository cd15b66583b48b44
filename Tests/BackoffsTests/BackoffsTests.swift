import Backoffs
import SupdPlugin
import Testing

@Suite struct BackoffsTests {
    private static let registrar = PluginRegistrar([Backoffs()])

    /// The backoff `name` with its declared standards, and `options` over them.
    private func backoff(_ name: String, _ options: [String: OptionValue] = [:]) throws -> any Backoff {
        let entry = try #require(Self.registrar.backoffs[name])
        var values: [String: OptionValue] = [:]
        for option in entry.options { values[option.name] = option.standard }
        for (key, value) in options {
            try #require(values[key] != nil, "\(name) declares no option '\(key)'")
            values[key] = value
        }
        return try entry.make(PluginOptions(values))
    }

    private func delays(
        _ backoff: any Backoff, random: Double = 0, restarts: [Int] = [1, 2, 3, 4], previous: Duration? = nil
    ) -> [Duration] {
        restarts.map { backoff.delay(for: BackoffContext(restart: $0, previousDelay: previous, random: random)) }
    }

    private static func ms(_ values: Int...) -> [Duration] { values.map { .milliseconds($0) } }

    @Test func exponentialIsTheDefaultAndAllHaveStandardsForEveryOption() {
        #expect(Self.registrar.backoffs.standard == "exponential")
        #expect(Set(Self.registrar.backoffs.names) == ["constant", "linear", "exponential"])
        #expect(Self.registrar.conflicts.isEmpty)
        for entry in Self.registrar.backoffs.entries.values {
            #expect(entry.options.allSatisfy { $0.standard != nil })
            #expect(Set(entry.options.map(\.name)).isSuperset(of: ["jitter", "reset_after"]))
        }
    }

    @Test func theStandardJitterIsFullForExponentialAndNoneForTheOthers() throws {
        #expect(delays(try backoff("exponential"), random: 0) == Self.ms(0, 0, 0, 0))
        #expect(delays(try backoff("exponential"), random: 0.5) == Self.ms(50, 100, 200, 400))
        #expect(delays(try backoff("linear"), random: 0) == Self.ms(100, 200, 300, 400))
        #expect(delays(try backoff("constant"), random: 0) == Self.ms(1000, 1000, 1000, 1000))
    }

    @Test func withoutJitterExponentialMultipliesUpToItsMaximum() throws {
        let plain: [String: OptionValue] = [
            "jitter": .word("none"), "factor": .number(3), "max": .duration(.seconds(1)),
        ]
        #expect(delays(try backoff("exponential", plain)) == Self.ms(100, 300, 900, 1000))
        let flat: [String: OptionValue] = ["jitter": .word("none"), "factor": .number(1)]
        #expect(delays(try backoff("exponential", flat)) == Self.ms(100, 100, 100, 100))
    }

    @Test func linearAddsItsStepUpToItsMaximum() throws {
        let options: [String: OptionValue] = [
            "initial": .duration(.milliseconds(50)), "step": .duration(.milliseconds(25)),
            "max": .duration(.milliseconds(110)),
        ]
        #expect(delays(try backoff("linear", options)) == Self.ms(50, 75, 100, 110))
    }

    @Test func fullJitterTakesAnyPartOfTheDelay() throws {
        let options: [String: OptionValue] = ["jitter": .word("full")]
        #expect(delays(try backoff("linear", options), random: 0.25) == Self.ms(25, 50, 75, 100))
        #expect(delays(try backoff("constant", options), random: 0.25) == Self.ms(250, 250, 250, 250))
    }

    @Test func equalJitterKeepsHalfOfTheDelay() throws {
        let options: [String: OptionValue] = ["jitter": .word("equal")]
        #expect(delays(try backoff("linear", options), random: 0) == Self.ms(50, 100, 150, 200))
        #expect(delays(try backoff("exponential", options), random: 0.5) == Self.ms(75, 150, 300, 600))
    }

    @Test func decorrelatedJitterGrowsFromTheDelayBefore() throws {
        let options: [String: OptionValue] = ["jitter": .word("decorrelated")]
        for name in ["linear", "exponential"] {
            let backoff = try backoff(name, options)
            // No delay before: between initial and three times it.
            #expect(delays(backoff, random: 0, restarts: [1]) == Self.ms(100))
            #expect(delays(backoff, random: 0.5, restarts: [1]) == Self.ms(200))
            // After 2 s: 100 ms + 0.5 · (6 s − 100 ms).
            #expect(delays(backoff, random: 0.5, restarts: [9], previous: .seconds(2)) == Self.ms(3050))
            // Never over the maximum.
            #expect(delays(backoff, random: 0.9, restarts: [9], previous: .seconds(25)) == [.seconds(30)])
        }
        let constant = try backoff("constant", options)
        #expect(delays(constant, random: 0, restarts: [1]) == Self.ms(1000))
        #expect(delays(constant, random: 0.5, restarts: [8], previous: .seconds(25)) == Self.ms(2000))
    }

    @Test(arguments: ["constant", "linear", "exponential"], ["none", "full", "equal", "decorrelated"])
    func noCountOfRestartsAndNoExtremeOptionOverflows(name: String, jitter: String) throws {
        let century = Duration.seconds(100 * 365 * 86_400)
        let longest = Duration.nanoseconds(Int64.max)
        let entry = try #require(Self.registrar.backoffs[name])
        for (initial, max) in [
            (Duration.zero, Duration.zero), (.zero, longest), (century, longest), (longest, longest),
        ] {
            let extreme: [String: OptionValue] = [
                "delay": .duration(max), "initial": .duration(initial), "step": .duration(max),
                "max": .duration(max), "factor": .number(1_000), "jitter": .word(jitter),
            ]
            let declared = Set(entry.options.map(\.name))
            let backoff = try backoff(name, extreme.filter { declared.contains($0.key) })
            for restart in [Int.min, -1, 0, 1, 2, 1_000, 1_000_000_000, Int.max] {
                for previous in [nil, Duration.zero, longest] {
                    for random in [0, 0.5, 0.999_999, 1, -1, 2, Double.nan, .infinity, -.infinity] {
                        let delay = backoff.delay(
                            for: BackoffContext(restart: restart, previousDelay: previous, random: random))
                        #expect(delay >= .zero && delay <= .nanoseconds(Int64(1) << 62))
                    }
                }
            }
        }
        let standard = try backoff(name, ["jitter": .word(jitter)])
        let late = BackoffContext(restart: 1_000_000_000, previousDelay: .seconds(30), random: 0.999_999)
        #expect(standard.delay(for: late) <= .seconds(30))
    }

    @Test func aRunOfResetAfterIsStable() throws {
        for name in Self.registrar.backoffs.names {
            #expect(try backoff(name).resetAfter == .seconds(60))
            #expect(try backoff(name, ["reset_after": .duration(.seconds(5))]).resetAfter == .seconds(5))
        }
    }

    @Test(arguments: ["linear", "exponential"])
    func aMaximumUnderTheInitialDelayIsRefusedAtMax(name: String) throws {
        let error = #expect(throws: OptionError.self) {
            try backoff(name, ["initial": .duration(.seconds(31))])
        }
        #expect(error?.option == "max")
        #expect(error?.message == "must not be shorter than 'initial' (31s); found 30s")
    }

    /// Out of its bounds, which the configuration tells as it does of every option, `supd plugins` and the manual too.
    @Test func aFactorThatShrinksIsRefused() throws {
        let factor = try #require(Self.registrar.backoffs["exponential"]?.options.first { $0.name == "factor" })
        #expect(factor.type == .number(1...1_000))
    }
}
