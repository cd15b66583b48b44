/// Times as text: RFC 3339, written in UTC with milliseconds, read in any offset.
public enum TimeText {
    /// `2026-11-22T15:40:49.123Z`; what is under a millisecond is cut off, towards the past.
    public static func format(_ time: WallTime) -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            fill(buffer, with: time)
            return length
        }
    }

    /// Appends what `format` gives, without a string on the way.
    public static func append(_ time: WallTime, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { buffer in
            fill(buffer, with: time)
            bytes.append(contentsOf: buffer)
        }
    }

    private static let length = 24

    private static func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, with time: WallTime) {
        let (seconds, nanoseconds) = floorDivide(time.nanoseconds, 1_000_000_000)
        let (days, second) = floorDivide(seconds, 86_400)
        let date = CivilDate(daysSince1970: days)
        put(date.year, 4, at: 0, in: buffer)
        put(date.month, 2, at: 5, in: buffer)
        put(date.day, 2, at: 8, in: buffer)
        put(second / 3600, 2, at: 11, in: buffer)
        put(second / 60 % 60, 2, at: 14, in: buffer)
        put(second % 60, 2, at: 17, in: buffer)
        put(nanoseconds / 1_000_000, 3, at: 20, in: buffer)
        buffer[4] = UInt8(ascii: "-")
        buffer[7] = UInt8(ascii: "-")
        buffer[10] = UInt8(ascii: "T")
        buffer[13] = UInt8(ascii: ":")
        buffer[16] = UInt8(ascii: ":")
        buffer[19] = UInt8(ascii: ".")
        buffer[23] = UInt8(ascii: "Z")
    }

    /// The time that `text` says (RFC 3339, section 5.6), or nil where it says none or one that 64 bits of
    /// nanoseconds cannot hold. A leap second is read as the second after it.
    public static func parse(_ text: String) -> WallTime? {
        var reader = DigitReader(text.utf8)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), let date = CivilDate(year: year, month: month, day: day),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), hour < 24, reader.skip(":"), let minute = reader.number(2), minute < 60,
            reader.skip(":"), let second = reader.number(2), second <= 60
        else { return nil }
        var nanoseconds: Int64 = 0
        if reader.skip(".") {
            guard let fraction = reader.fraction() else { return nil }
            nanoseconds = fraction
        }
        guard let offset = offset(&reader), reader.isAtEnd else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = scaled.addingReportingOverflow(nanoseconds)
        return overflow || carried ? nil : WallTime(nanoseconds: sum)
    }

    /// Seconds east of UTC.
    private static func offset(_ reader: inout DigitReader) -> Int64? {
        if reader.skip("Z") || reader.skip("z") { return 0 }
        let sign: Int64
        if reader.skip("+") {
            sign = 1
        } else if reader.skip("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = reader.number(2), hours < 24, reader.skip(":"), let minutes = reader.number(2), minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func put(_ value: Int64, _ digits: Int, at start: Int, in buffer: UnsafeMutableBufferPointer<UInt8>)
    {
        var rest = value
        for index in (start..<start + digits).reversed() {
            buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Reads digits and signs from the front of a text.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ bytes: String.UTF8View) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes `sign` where it is next.
    mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: sign) else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes exactly so many digits.
    mutating func number(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Takes the digits after a decimal point as nanoseconds; those after the ninth count for nothing.
    mutating func fraction() -> Int64? {
        guard var value = digit() else { return nil }
        var count = 1
        while let next = digit() {
            guard count < 9 else { continue }
            value = value * 10 + next
            count += 1
        }
        while count < 9 {
            value *= 10
            count += 1
        }
        return value
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - UInt8(ascii: "0"))
    }
}
