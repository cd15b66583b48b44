import SupdProtocol

/// What has become of one instance, the last `ProtocolLimits.rememberedChanges` of it: events that the ring has or had, for as long as
/// there is the instance.
final class InstanceHistory {
    private var entries = HistoryEntries()
    /// What the next one is told from.
    private var end = HistoryPoint()
    /// What the first one is, once there were others before it.
    private var start: Start?
    private var kept: UInt32 = 0
    private var lost: UInt32 = 0

    private final class Start {
        var point = HistoryPoint()
    }

    /// How many there are.
    var count: Int { Int(kept) }
    /// How many there were before these.
    var forgotten: Int { Int(lost) }

    func append(_ event: KeptEvent) {
        if count == ProtocolLimits.rememberedChanges { forgetFirst() }
        entries.append(event, from: &end)
        kept += 1
    }

    private func forgetFirst() {
        let start = start ?? Start()
        self.start = start
        entries.removeFirst(from: &start.point)
        kept -= 1
        if lost < .max { lost += 1 }
    }

    /// The last `count` of an instance that is called `name` by now, oldest first, as far as `viewer` may be told of them.
    func events(of name: String, last count: Int, for viewer: Viewer? = nil) -> [EventNotice] {
        var reader = HistoryReader(entries, from: start?.point ?? HistoryPoint())
        let all = (0..<self.count).map { _ in reader.next() }
        return all.suffix(count).compactMap { kept in
            kept.event(of: name, for: viewer).map { EventNotice(sequence: kept.sequence, content: .event($0)) }
        }
    }

    /// How many bytes its entries are.
    var byteCount: Int { entries.byteCount }
}
