import SupdConfiguration
import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// A connection that follows logs: a place in the feed, and how far it has come with each instance.
final class LineFollowing: Following {
    let precedesAnswers = false
    private unowned let seam: any ControlSeam
    private let logs: ServiceLogs
    private let selectors: [ServiceSelector]
    /// Who is told; nil for somebody who may see everything.
    private let viewer: Viewer?
    /// How many lines of each instance it had: told, told of as missed, or in the reply.
    private var seen = [InstanceID: UInt64]()
    /// Those that it may not see any more; it goes on with one once it may again.
    private var hidden: Set<InstanceID> = []
    /// The record that is next, and how many of its bytes are told.
    private var next: UInt64
    private var offset = 0
    /// What was missed, and is yet to be told.
    private var gaps: [LineNotice] = []

    /// So much is written in one go, and so many records are looked at.
    private static let bytesAtOnce = 16 * 1024
    private static let recordsAtOnce = 256

    init(_ selectors: [ServiceSelector], _ instances: [InstanceID], _ desk: ControlDesk, viewer: Viewer?) {
        seam = desk.seam
        logs = desk.seam.logs
        self.selectors = selectors
        self.viewer = viewer
        next = logs.feed.end
        logs.feed.begin()
        for instance in instances { add(instance) }
    }

    /// Follows an instance that is new, where it is meant.
    func meet(_ instance: InstanceID) {
        guard viewer?.sees(instance) ?? true, seen[instance] == nil else { return }
        let (name, tags) = (seam.name(of: instance), seam.definition(of: instance).configuration.tags)
        if selectors.contains(where: { $0.matches(name, tags: tags) }) { add(instance) }
    }

    /// Who may see what is another by now: what it may not see any more it does not follow.
    func lookWhatMayBeSeen() {
        guard let viewer else { return }
        hidden = hidden.filter(seam.fleet.contains)
        let former = hidden
        for instance in seen.keys where seam.fleet.contains(instance) && !viewer.sees(instance) {
            seen[instance] = nil
            logs.leave(instance)
            hidden.insert(instance)
        }
        for instance in former where viewer.sees(instance) {
            hidden.remove(instance)
            add(instance)
        }
        gaps.removeAll { !viewer.sees(named: $0.name) }
    }

    private func add(_ instance: InstanceID) {
        logs.follow(instance)
        seen[instance] = logs.feed.taken(of: instance)
    }

    func end() { logs.unfollow(seen.keys) }

    func write(into writer: inout JSONWriter) -> Bool {
        let feed = logs.feed
        let limit = writer.count + Self.bytesAtOnce
        if gaps.isEmpty, next < feed.first { noteGaps(feed) }
        while let gap = gaps.popLast() {
            Notice.line(gap).write(into: &writer)
            if writer.count >= limit { return true }
        }
        let last = next + UInt64(Self.recordsAtOnce)
        while next < feed.end {
            guard next < last else { return true }
            guard tell(feed[next], limit, into: &writer) else { return true }
            next += 1
            offset = 0
        }
        return false
    }

    /// What it was to be told next is not there any more.
    private func noteGaps(_ feed: LineFeed) {
        next = feed.first
        offset = 0
        for (instance, had) in seen {
            guard let count = feed.counts[instance], count.passed > had else { continue }
            gaps.append(LineNotice(name: count.name, content: .gap(count.passed - had)))
            seen[instance] = count.passed
        }
    }

    /// Writes the lines of a record, as far as they are not told yet. False where some are left for later.
    private func tell(_ record: LineFeed.Record, _ limit: Int, into writer: inout JSONWriter) -> Bool {
        guard var had = seen[record.instance], had < record.firstLine + record.lines else { return true }
        defer { seen[record.instance] = had }
        return record.bytes.withUnsafeBytes { bytes in
            while offset < bytes.count {
                guard writer.count < limit else { return false }
                let end = bytes.firstNewline(from: offset).map { $0 + 1 } ?? bytes.count
                record.line(offset..<end, of: bytes).forEachLine { line in
                    let told = LogLine(
                        sequence: record.number(ofLineTo: end), time: record.time,
                        stream: record.stream == .error ? .stderr : .stdout,
                        text: String(decoding: line.bytes, as: UTF8.self), level: line.level,
                        truncated: line.ending == .cut)
                    Notice.line(LineNotice(name: record.name, content: .line(told))).write(into: &writer)
                }
                had += 1
                offset = end
            }
            return true
        }
    }
}
