import SupdProtocol

/// What has become of one instance, the last `ProtocolLimits.rememberedChanges` of it: events that the ring has or had, for as long as
/// there is the instance.
final class InstanceHistory {
    private var entries = HistoryEntries()
    /// What the first of the entries is told from, and what the next one is.
    private var (start, end) = (HistoryPoint(), HistoryPoint())
    /// How many there are.
    private(set) var count = 0
    /// How many there were before these.
    private(set) var forgotten = 0

    func append(_ event: KeptEvent) {
        if count == ProtocolLimits.rememberedChanges { forgetFirst() }
        entries.append(event, from: &end)
        count += 1
    }

    private func forgetFirst() {
        entries.removeFirst(from: &start)
        count -= 1
        forgotten += 1
    }

    /// The last `count` of an instance that is called `name` by now, oldest first, as far as `viewer` may be told of them.
    func events(of name: String, last count: Int, for viewer: Viewer? = nil) -> [EventNotice] {
        var reader = HistoryReader(entries, from: start)
        let all = (0..<self.count).map { _ in reader.next() }
        return all.suffix(count).compactMap { kept in
            kept.event(of: name, for: viewer).map { EventNotice(sequence: kept.sequence, content: .event($0)) }
        }
    }

    /// How many bytes its entries are.
    var byteCount: Int { entries.bytes.count }
}
