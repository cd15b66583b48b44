import SupdProtocol

/// What has become of one instance, the last `ProtocolLimits.rememberedChanges` of it: events that the ring has or had, for as long as
/// there is the instance. None is kept of one that nothing has happened to.
struct InstanceHistory {
    private var entries: [KeptEvent] = []
    /// How many there were before these.
    private(set) var forgotten = 0

    mutating func append(_ event: KeptEvent) {
        if entries.count == ProtocolLimits.rememberedChanges {
            entries.removeFirst()
            forgotten += 1
        }
        entries.append(event)
    }

    /// The last `count` of an instance that is called `name` by now, oldest first, as far as `viewer` may be told of them.
    func events(of name: String, last count: Int, for viewer: Viewer? = nil) -> [EventNotice] {
        entries.suffix(count).compactMap { kept in
            kept.event(of: name, for: viewer).map { EventNotice(sequence: kept.sequence, content: .event($0)) }
        }
    }

    /// How many there are.
    var count: Int { entries.count }
}
