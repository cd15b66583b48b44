/// Which of the lines in memory somebody wants to see.
struct LogQuestion {
    /// What a line counts beside its bytes: about what it is in a reply.
    static let lineCost = 96

    /// No more than so many.
    var lines: Int
    /// No more than so many bytes of them.
    var bytes = Int.max
    /// Only those before this place, which an earlier answer has named.
    var before: UInt64?
    /// Only those whose number is greater, and all of these as far as they are in memory.
    var after: UInt64?
    /// Only those whose number is no greater.
    var until = UInt64.max
    /// Whether one line is answered even where it is longer than `bytes`.
    var takesOne = true

    /// Whether a line of this number comes before what is asked for.
    func isBefore(_ number: UInt64) -> Bool { after.map { number <= $0 } ?? false }

    /// Whether one of this number comes behind it.
    func isBehind(_ number: UInt64) -> Bool { number > until }

    /// Whether all lines of greater numbers than this do.
    func isBehind(allAfter number: UInt64) -> Bool { until < .max && number >= until }
}

/// The answer.
struct LogTail {
    /// The lines, oldest first.
    var lines: [LoggedLine] = []
    /// How many bytes they count.
    var bytes = 0
    /// Where the first of them stands, if there are older ones in memory: what `LogQuestion.before` is to be for those.
    var earlier: UInt64?
    /// Whether there are older ones in memory.
    var isFull = false
    /// Whether there were older ones, and memory has none of them any more.
    var isIncomplete = false

    /// Whether the next line is taken however long it is.
    func mayExceed(_ question: LogQuestion) -> Bool { question.takesOne && lines.isEmpty }
}
