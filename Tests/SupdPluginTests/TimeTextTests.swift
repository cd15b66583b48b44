import Glibc
import SupdPlugin
import Testing

@Suite struct TimeTextTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"), (1_709_164_800_123_456_789, "2024-02-29T00:00:00.123Z"),
        (4_107_542_399_999_000_000, "2100-02-28T23:59:59.999Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
        (.max, "2262-04-11T23:47:16.854Z"), (.min, "1677-09-21T00:12:43.145Z"),
    ])
    func aTimeIsWrittenInUTCWithMilliseconds(_ nanoseconds: Int64, expected: String) {
        #expect(TimeText.format(WallTime(nanoseconds: nanoseconds)) == expected)
    }

    /// The C library counts the same calendar in another way.
    @Test func datesAreThoseOfTheCLibrary() {
        for day in stride(from: Int64(-100_000), through: 100_000, by: 13) {
            var seconds = time_t(day * 86_400 + Int64(day.magnitude * 7919 % 86_400))
            var broken = tm()
            gmtime_r(&seconds, &broken)
            var buffer = [CChar](repeating: 0, count: 32)
            strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S.000Z", &broken)
            let expected = buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
            let time = WallTime(nanoseconds: Int64(seconds) * 1_000_000_000)
            #expect(TimeText.format(time) == expected)
            #expect(TimeText.parse(TimeText.format(time)) == time)
        }
    }

    @Test(arguments: [
        ("2024-02-29T12:00:00Z", Int64(1_709_208_000_000_000_000)), ("2024-02-29t12:00:00z", 1_709_208_000_000_000_000),
        ("2024-02-29 14:30:00+02:30", 1_709_208_000_000_000_000),
        ("2024-02-29T10:00:00-02:00", 1_709_208_000_000_000_000),
        ("1970-01-01T00:00:00.5Z", 500_000_000), ("1970-01-01T00:00:00.123456789Z", 123_456_789),
        ("1970-01-01T00:00:00.1234567899Z", 123_456_789), ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
    ])
    func everyFormOfTheRFCIsRead(_ text: String, expected: Int64) {
        #expect(TimeText.parse(text)?.nanoseconds == expected)
    }

    @Test(arguments: [
        "", "2024", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:61Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+0200",
        "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00+24:00", "+024-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
    ])
    func whatIsNoTimeIsRefused(_ text: String) {
        #expect(TimeText.parse(text) == nil)
    }
}
