import SupdPlugin
import Testing

@Suite struct DurationParsingTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("1min 30s", .seconds(90)), ("1min30s", .seconds(90)),
        ("2h", .seconds(7200)), ("1d", .seconds(86_400)), ("1w", .seconds(604_800)), ("250us", .microseconds(250)),
        ("3sec", .seconds(3)), ("5m", .seconds(300)), ("5 min", .seconds(300)), ("90", .seconds(90)),
        ("1.5s", .milliseconds(1500)), ("0.5us", .nanoseconds(500)), ("0", .zero), ("0s", .zero),
        (" 1s ", .seconds(1)), ("1s 1s", .seconds(2)), ("2 hours 5 minutes", .seconds(7500)),
        ("0.25", .milliseconds(250)),
        ("9223372036s", .seconds(9_223_372_036)), ("7µs", .microseconds(7)), ("0.0000000001s", .zero),
    ])
    func whatAPersonWritesIsRead(text: String, expected: Duration) throws {
        #expect(try Duration(text: text) == expected)
    }

    @Test(arguments: [
        ("", DurationTextError.empty), ("   ", .empty), ("-1s", .negative), ("1s -2s", .negative),
        ("abc", .notANumber("abc")), (".5s", .notANumber(".5s")), ("1.s", .notANumber("1.s")),
        ("+1s", .notANumber("+1s")), ("10x", .unknownUnit("x")), ("1e5", .unknownUnit("e")),
        ("1S", .unknownUnit("S")), ("1min 30", .missingUnit("30")), ("5 10s", .missingUnit("5")),
        ("infinity", .notANumber("infinity")), ("9223372037s", .tooLong), ("99999999999999999999", .tooLong),
        ("9223372036s 1s", .tooLong), ("1,5s", .unknownUnit(",")), ("1s\n", .unknownUnit("s\n")),
    ])
    func whatIsNoDurationSaysWhy(text: String, expected: DurationTextError) {
        #expect(throws: expected) { try Duration(text: text) }
    }

    @Test func numbersOfSecondsAreChecked() throws {
        #expect(try Duration(seconds: 1.5) == .milliseconds(1500))
        #expect(try Duration(seconds: 0.1) == .milliseconds(100))
        #expect(try Duration(seconds: Int64(90)) == .seconds(90))
        #expect(throws: DurationTextError.negative) { try Duration(seconds: -0.001) }
        #expect(throws: DurationTextError.negative) { try Duration(seconds: -Double.infinity) }
        #expect(throws: DurationTextError.notANumber("nan")) { try Duration(seconds: Double.nan) }
        #expect(throws: DurationTextError.tooLong) { try Duration(seconds: Double.infinity) }
        #expect(throws: DurationTextError.tooLong) { try Duration(seconds: 9_223_372_037.0) }
        #expect(throws: DurationTextError.tooLong) { try Duration(seconds: Int64.max) }
        #expect(throws: DurationTextError.negative) { try Duration(seconds: Int64.min) }
    }

    @Test(arguments: [
        Duration.zero, .milliseconds(850), .milliseconds(1500), .seconds(90), .seconds(7500), .seconds(259_200),
        .microseconds(2), .nanoseconds(500),
    ])
    func whatIsPrintedIsReadBack(duration: Duration) throws {
        #expect(try Duration(text: duration.text) == duration)
    }

    @Test func manyDigitsNeitherTrapNorCount() throws {
        #expect(try Duration(text: "1." + String(repeating: "9", count: 500) + "s") < .seconds(2))
        #expect(throws: DurationTextError.tooLong) { try Duration(text: String(repeating: "9", count: 500) + "w") }
    }
}
