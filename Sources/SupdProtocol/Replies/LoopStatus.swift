public import SupdJSON
public import SupdPlugin

/// How long the daemon's loop did anything else than wait, from one wait to the next: for so long nobody had an answer.
public struct LoopStatus: Hashable, Sendable {
    /// How many turns it has made.
    public var turns: UInt64
    /// What half of them took at most.
    public var median: Duration
    /// What 99 of 100 took at most.
    public var percentile99: Duration
    /// The longest of all.
    public var longest: Turn?

    /// A turn of the loop.
    public struct Turn: Hashable, Sendable {
        /// What it took.
        public var took: Duration
        /// When it was over.
        public var at: WallTime
        /// What had come that it dealt with: `300 exits, 2 requests`.
        public var work: String

        /// A turn of these.
        public init(took: Duration, at: WallTime, work: String) {
            self.took = took
            self.at = at
            self.work = work
        }
    }

    /// A loop of these.
    public init(turns: UInt64, median: Duration, percentile99: Duration, longest: Turn?) {
        self.turns = turns
        self.median = median
        self.percentile99 = percentile99
        self.longest = longest
    }
}

extension LoopStatus: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("turns", Int64(clamping: turns))
        writer.member("p50", median)
        writer.member("p99", percentile99)
        writer.member("longest", longest)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        turns = try reader.integer("turns")
        median = try reader.duration("p50")
        percentile99 = try reader.duration("p99")
        longest = try reader.optionalNested("longest")
    }
}

extension LoopStatus.Turn: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("took", took)
        writer.member("at", at)
        writer.member("work", work)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        took = try reader.duration("took")
        at = try reader.time("at")
        work = try reader.string("work")
    }
}
