import SupdPlugin

extension Form where Value == Duration {
    private static var durationText: String { "a duration like \"10s\" or \"1min 30s\", or a number of seconds" }

    /// A duration of zero or more.
    static var duration: Form {
        Form.trying(durationText, read).and(tooLong)
    }

    /// Nobody means one that is longer; and clocks count 292 years.
    private static var longest: Duration { .seconds(100 * 365 * 24 * 3600) }

    fileprivate static func tooLong(_ duration: Duration) -> String? {
        duration <= longest ? nil : "must be at most 36500 days, found \(duration.text)"
    }

    /// A duration over zero.
    static var positiveDuration: Form {
        duration.and { $0 > .zero ? nil : "must be longer than 0" }
    }

    fileprivate static func read(_ value: SourcedValue) throws(DurationTextError) -> Duration? {
        if let text = value.string { return try Duration(text: text) }
        if let seconds = value.integer { return try Duration(seconds: seconds) }
        if let seconds = value.number { return try Duration(seconds: seconds) }
        return nil
    }
}

/// A limit on how long something may take.
enum TimeLimit {
    case none
    case after(Duration)

    var duration: Duration? {
        if case .after(let duration) = self { return duration }
        return nil
    }
}

extension Form where Value == TimeLimit {
    /// A duration, or no limit: `"infinity"` or 0.
    static var timeLimit: Form {
        .trying("a duration like \"10s\", or \"infinity\"") { (value) throws(DurationTextError) -> TimeLimit? in
            if value.string == "infinity" { return TimeLimit.none }
            guard let duration = try Form<Duration>.read(value) else { return nil }
            return duration == .zero ? TimeLimit.none : .after(duration)
        }.and { limit in
            limit.duration.flatMap(Form<Duration>.tooLong).map { $0 + ", or \"infinity\"" }
        }
    }
}

extension Form where Value == Int {
    /// A number of bytes in a range.
    static func size(_ range: ClosedRange<Int>) -> Form {
        Form.trying("a size like \"64KiB\" or \"10MB\", or a number of bytes", bytes).and { bytes in
            range.contains(bytes)
                ? nil : "must be from \(range.lowerBound) to \(range.upperBound) bytes, found \(bytes)"
        }
    }

    private static func bytes(_ value: SourcedValue) throws(ByteSize.Unreadable) -> Int? {
        if let text = value.string {
            guard let bytes = Int(exactly: try ByteSize.parse(text)) else {
                throw ByteSize.Unreadable(description: "it is too large")
            }
            return bytes
        }
        return value.integer.flatMap { Int(exactly: $0) }
    }
}

extension Form where Value == ResourceLimitText {
    static var resourceLimit: Form {
        .trying("\"SOFT\" or \"SOFT:HARD\", each a number, a size or \"infinity\"", limit)
    }

    private static func limit(_ value: SourcedValue) throws(ByteSize.Unreadable) -> ResourceLimitText? {
        if let text = value.string { return try ResourceLimitText(text) }
        guard let number = value.integer, number >= 0 else { return nil }
        return try ResourceLimitText(String(number))
    }
}

extension Form where Value == UInt16 {
    /// A file mode creation mask. A number counts only where it is written in octal: `27` would mean 033.
    static var fileMode: Form { octal("mask") }

    /// Permissions, or a mask of them, in octal.
    static func octal(_ noun: String) -> Form {
        .converting("an octal \(noun) from \"0000\" to \"0777\", as a string or as 0o027") { value in
            if let text = value.string { return FileMode.mask(text) }
            guard let number = value.integer, value.isWrittenInOctal, (0...0o777).contains(number) else { return nil }
            return UInt16(number)
        }
    }
}

extension Form where Value == Signal {
    static var signal: Form {
        let expected = "the name of a signal like \"SIGTERM\""
        return .reading(expected) { subject in
            guard let text = subject.value.string, let signal = Signal(name: text) else {
                let written = subject.value.string ?? subject.value.integer.map(String.init)
                let close = written.flatMap { Signal.closestName(to: $0) }
                subject.refuse(expected, because: close.map { "did you mean \"\($0)\"?" })
                return nil
            }
            return signal
        }
    }
}
