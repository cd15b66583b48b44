import DequeModule
import SupdEngine
import SupdPlugin
import SupdProtocol

/// The newest lines of all instances that somebody follows, as they were read, in that order: what one read gave is one record. There
/// is one feed however many follow it; each is a place in it (`LineFollowing`).
final class LineFeed {
    /// What one read gave.
    struct Record {
        let instance: InstanceID
        let name: String
        let time: WallTime
        let stream: LogStream
        let bytes: [UInt8]
        /// What else is to be known of the bytes.
        private let run: LineRun
        /// The number of its last line.
        private let number: UInt64
        /// The number of its first line among those of its instance.
        let firstLine: UInt64
        let lines: UInt64

        init(
            _ run: LineRun, _ number: UInt64, of instance: InstanceID, named name: String, at time: WallTime,
            from stream: LogStream, firstLine: UInt64
        ) {
            self.number = number
            self.instance = instance
            self.name = name
            self.time = time
            self.stream = stream
            self.firstLine = firstLine
            bytes = Array(run.bytes)
            lines = UInt64(run.bytes.lineCount)
            // The bytes themselves are good for this call only.
            var kept = run
            kept.bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            self.run = kept
        }

        /// The line that `range` of its bytes, which are `bytes` here, is.
        func line(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> LineRun {
            var line = run
            line.bytes = bytes.part(range)
            if range.lowerBound > 0 { line.continuesLine = false }
            return line
        }

        /// The number of the line that ends where so many of its bytes do.
        func number(ofLineTo end: Int) -> UInt64 { number - UInt64(bytes.count - end) }

        /// What it takes of the feed's room.
        var cost: Int { bytes.count + 128 }
    }

    /// What is known of an instance as long as anybody follows anything.
    struct Count {
        var name = ""
        fileprivate(set) var followers = 0
        /// How many lines have come.
        fileprivate(set) var taken: UInt64 = 0
        /// How many of them are not here any more.
        fileprivate(set) var passed: UInt64 = 0
    }

    private var records = Deque<Record>()
    /// The number of the oldest record.
    private(set) var first: UInt64 = 0
    private var size = 0
    private(set) var counts = [InstanceID: Count]()
    private var followings = 0
    private var hasNews = false

    /// One above the number of the newest record.
    var end: UInt64 { first + UInt64(records.count) }

    /// A record from `first` on, before `end`.
    subscript(number: UInt64) -> Record { records[Int(number - first)] }

    func isFollowed(_ instance: InstanceID) -> Bool { counts[instance].map { $0.followers > 0 } ?? false }

    /// How many lines of an instance have come.
    func taken(of instance: InstanceID) -> UInt64 { counts[instance]?.taken ?? 0 }

    func begin() { followings += 1 }

    /// Once nobody follows anything, nothing is kept.
    func end(_ instances: some Sequence<InstanceID>) {
        followings -= 1
        for instance in instances { leave(instance) }
        guard followings == 0 else { return }
        first = end
        records = []
        counts = [:]
        size = 0
    }

    func follow(_ instance: InstanceID) { counts[instance, default: Count()].followers += 1 }

    /// The other way round, of one that still follows others.
    func leave(_ instance: InstanceID) { counts[instance]?.followers -= 1 }

    func append(
        _ run: LineRun, _ number: UInt64, of instance: InstanceID, named name: String, at time: WallTime,
        from stream: LogStream
    ) {
        guard var count = counts[instance] else { return }
        let record = Record(run, number, of: instance, named: name, at: time, from: stream, firstLine: count.taken)
        count.name = name
        count.taken += record.lines
        counts[instance] = count
        records.append(record)
        size += record.cost
        hasNews = true
        while size > ProtocolLimits.followedBytes, records.count > 1 {
            let oldest = records.removeFirst()
            first += 1
            size -= oldest.cost
            counts[oldest.instance]?.passed += oldest.lines
        }
    }

    func takeNews() -> Bool {
        defer { hasNews = false }
        return hasNews
    }
}

/// Where the lines of one instance go as long as somebody follows it.
struct LineTap {
    let feed: LineFeed
    let instance: InstanceID

    func append(_ run: LineRun, _ number: UInt64, named name: String, at time: WallTime, from stream: LogStream) {
        feed.append(run, number, of: instance, named: name, at: time, from: stream)
    }
}
