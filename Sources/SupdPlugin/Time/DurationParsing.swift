/// Why a text or a number is not a duration.
public enum DurationTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is nothing in it.
    case empty
    /// A number was expected where this stands.
    case notANumber(String)
    /// A number stands without a unit among others that have one.
    case missingUnit(String)
    /// This unit is not known.
    case unknownUnit(String)
    /// It is below zero.
    case negative
    /// It is longer than 292 years.
    case tooLong

    /// What is wrong and what would be right, as half a sentence.
    public var description: String {
        switch self {
        case .empty: "it is empty"
        case .notANumber(let text): "a number was expected at '\(text)'"
        case .missingUnit(let number): "'\(number)' has no unit; units are us, ms, s, min, h, d and w"
        case .unknownUnit(let unit): "'\(unit)' is not a unit; units are us, ms, s, min, h, d and w"
        case .negative: "it must not be negative"
        case .tooLong: "it is longer than 292 years"
        }
    }
}

extension Duration {
    /// The duration that a person wrote: `500ms`, `1min 30s`, `2h`, `1.5s`; a number alone is seconds.
    ///
    /// The units are those of systemd.time(7) up to weeks: us, ms, s, min, h, d, w, and their longer spellings. Parts
    /// are added up; spaces between them may be left out. What `text` prints is read back as the same duration, as far
    /// as it was printed.
    public init(text: String) throws(DurationTextError) {
        var scanner = DurationScanner(text)
        self = .nanoseconds(try scanner.nanoseconds())
    }

    /// The duration of so many seconds, to the nanosecond; not a number, negative and over 292 years are errors.
    public init(seconds: Double) throws(DurationTextError) {
        guard !seconds.isNaN else { throw .notANumber("nan") }
        guard seconds >= 0 else { throw .negative }
        let nanoseconds = (seconds * 1e9).rounded()
        guard nanoseconds < 0x1p63 else { throw .tooLong }
        self = .nanoseconds(Int64(nanoseconds))
    }

    /// The duration of so many whole seconds; negative and over 292 years are errors.
    public init(seconds: Int64) throws(DurationTextError) {
        guard seconds >= 0 else { throw .negative }
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { throw .tooLong }
        self = .nanoseconds(nanoseconds)
    }
}

/// Reads `NUMBER UNIT` parts off a text and adds them up.
private struct DurationScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    mutating func nanoseconds() throws(DurationTextError) -> Int64 {
        skipSpace()
        guard !rest.isEmpty else { throw .empty }
        var sum: Int64 = 0
        var isFirst = true
        while !rest.isEmpty {
            let part = try part(isFirst: isFirst)
            isFirst = false
            let (total, overflow) = sum.addingReportingOverflow(part)
            guard !overflow else { throw .tooLong }
            sum = total
            skipSpace()
        }
        return sum
    }

    /// One number with its unit, in nanoseconds.
    private mutating func part(isFirst: Bool) throws(DurationTextError) -> Int64 {
        if rest.first == UInt8(ascii: "-") { throw .negative }
        let start = rest
        let whole = take(while: Self.isDigit)
        guard !whole.isEmpty else { throw .notANumber(String(Substring(start.prefix(20)))) }
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = take(while: Self.isDigit)
            guard !fraction.isEmpty else { throw .notANumber(String(Substring(start.prefix(20)))) }
        }
        skipSpace()
        let unit = String(Substring(take { !Self.isDigit($0) && !Self.isSpace($0) }))
        if unit.isEmpty, !isFirst || !rest.isEmpty {
            throw .missingUnit(String(Substring(whole.prefix(20))))
        }
        guard let scale = Self.scale(of: unit) else { throw .unknownUnit(unit) }
        return try Self.scaled(whole: whole, fraction: fraction, by: scale)
    }

    /// `whole.fraction × scale`, in whole-number arithmetic; what is under a nanosecond is cut off.
    private static func scaled(
        whole: Substring.UTF8View, fraction: Substring.UTF8View, by scale: Int64
    ) throws(DurationTextError) -> Int64 {
        guard let count = Int64(Substring(whole)) else { throw .tooLong }
        if fraction.isEmpty {
            let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: scale)
            guard !overflow else { throw .tooLong }
            return nanoseconds
        }
        // 15 digits of the longest unit still fit 128 bits, and more are under a nanosecond of it.
        var part: Int128 = 0
        var divisor: Int128 = 1
        for digit in fraction.prefix(15) {
            part = part * 10 + Int128(digit - UInt8(ascii: "0"))
            divisor *= 10
        }
        let total = Int128(count) * Int128(scale) + part * Int128(scale) / divisor
        guard let nanoseconds = Int64(exactly: total) else { throw .tooLong }
        return nanoseconds
    }

    private mutating func skipSpace() {
        _ = take(while: Self.isSpace)
    }

    private mutating func take(while condition: (UInt8) -> Bool) -> Substring.UTF8View {
        let end = rest.firstIndex { !condition($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// A unit's nanoseconds, nil where there is no such unit; a number without one is seconds.
    private static func scale(of unit: String) -> Int64? {
        switch unit {
        case "", "s", "sec", "second", "seconds": 1_000_000_000
        case "us", "µs", "μs", "usec": 1_000
        case "ms", "msec": 1_000_000
        case "m", "min", "minute", "minutes": 60_000_000_000
        case "h", "hr", "hour", "hours": 3_600_000_000_000
        case "d", "day", "days": 86_400_000_000_000
        case "w", "week", "weeks": 604_800_000_000_000
        default: nil
        }
    }
}
