import SupdPlugin

/// One of the five fields of a line of crontab(5): what it may say, and how it is read.
struct CronField: Sendable {
    /// As messages call it.
    let name: String
    let range: ClosedRange<Int>
    /// Names in place of numbers, the first of the lowest.
    let words: [String]

    static let minute = CronField(name: "minute", range: 0...59, words: [])
    static let hour = CronField(name: "hour", range: 0...23, words: [])
    static let day = CronField(name: "day of the month", range: 1...31, words: [])
    static let month = CronField(
        name: "month", range: 1...12,
        words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    /// 0 and 7 are Sunday.
    static let weekday = CronField(
        name: "day of the week", range: 0...7, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    static let all = [minute, hour, day, month, weekday]

    /// The values of a field, which is a list of numbers, ranges and steps.
    func values(_ text: Substring) throws(CronError) -> CronSet {
        var set = CronSet()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let isStepped = pieces.count == 2
            let step = isStepped ? try self.step(pieces[1], of: part) : 1
            let bounds = try bounds(pieces.first ?? "", of: part, isStepped: isStepped)
            for value in stride(from: bounds.lowerBound, through: bounds.upperBound, by: step) { set.insert(value) }
        }
        return set
    }

    private func bounds(
        _ text: Substring, of part: Substring, isStepped: Bool
    ) throws(CronError) -> ClosedRange<Int> {
        if text == "*" { return range }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends.first ?? "", of: part)
        guard ends.count == 2 else {
            guard !isStepped else {
                throw fault(part, "a step needs a range before it, as in '*/5' or '\(range.lowerBound)-5/5'")
            }
            return first...first
        }
        var last = try value(ends[1], of: part)
        // The week ends with the day that it begins with.
        if last < first, last == 0, !words.isEmpty { last = 7 }
        guard first <= last else { throw fault(part, "the range ends before it begins; write two, with a comma") }
        return first...last
    }

    private func value(_ text: Substring, of part: Substring) throws(CronError) -> Int {
        if let place = words.firstIndex(of: text.lowercased()) { return place + range.lowerBound }
        guard let number = number(text), range.contains(number) else { throw fault(part, nil) }
        return number
    }

    private func step(_ text: Substring, of part: Substring) throws(CronError) -> Int {
        guard let step = number(text), (1...range.upperBound).contains(step) else {
            throw fault(part, "a step is a number from 1 to \(range.upperBound)")
        }
        return step
    }

    /// Digits only: `Int` takes a sign too.
    private func number(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text)
    }

    private func fault(_ part: Substring, _ hint: String?) -> CronError {
        var expected = "\(range.lowerBound) to \(range.upperBound)"
        if let first = words.first, let last = words.last { expected += " or \(first) to \(last)" }
        return CronError(
            "the \(name) must be of \(expected), '*', ranges 'A-B' and steps '*/N'; found '\(part.prefix(40))'"
                + (hint.map { ": \($0)" } ?? ""))
    }
}

/// Numbers from 0 to 63.
struct CronSet: Hashable, Sendable {
    private var bits: UInt64 = 0

    mutating func insert(_ value: Int) { bits |= 1 << UInt64(value) }

    func contains(_ value: Int64) -> Bool { bits & (1 << UInt64(truncatingIfNeeded: value & 63)) != 0 }

    /// The least value that is `lowest` or more; nil where there is none.
    func first(from lowest: Int64) -> Int64? {
        guard lowest < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(lowest))
        return rest == 0 ? nil : Int64(rest.trailingZeroBitCount)
    }

    /// Whether it has all of `range`.
    func covers(_ range: ClosedRange<Int>) -> Bool { range.allSatisfy { contains(Int64($0)) } }
}
