import SupdJSON
import SupdPlugin
import SupdProtocol

/// A connection that subscribed to events: a place in the ring, and what it wants to hear of.
final class EventFollowing: Following {
    private let selectors: [ServiceSelector]
    private let kinds: Set<EventKind>
    /// The number of the event to look at next.
    private var next: UInt64
    /// The number at which it has come to where its subscription began; nil once that is told, or need not be.
    private var catchesUpAt: UInt64?

    /// So many events are looked at in one go.
    private static let eventsAtOnce = 64

    init(_ params: EventParams, after sequence: UInt64, catchesUpAt: UInt64?) {
        selectors = params.selectors
        kinds = Set(params.kinds)
        next = sequence + 1
        self.catchesUpAt = catchesUpAt
    }

    func write(_ supervisor: Supervisor, into writer: inout JSONWriter) -> Bool {
        let first = supervisor.events.first
        if next < first {
            write(.gap(first - next), at: first - 1, into: &writer)
            next = first
        }
        let end = next + UInt64(Self.eventsAtOnce)
        while next <= supervisor.events.last {
            tellCaughtUp(into: &writer)
            guard next < end else { return true }
            let entry = supervisor.events[next]
            if wants(entry) { write(.event(entry.event), at: next, into: &writer) }
            next += 1
        }
        tellCaughtUp(into: &writer)
        return false
    }

    func end(_ supervisor: Supervisor) {}

    private func tellCaughtUp(into writer: inout JSONWriter) {
        guard let place = catchesUpAt, next > place else { return }
        catchesUpAt = nil
        write(.caughtUp, at: next - 1, into: &writer)
    }

    private func wants(_ entry: EventRing.Entry) -> Bool {
        guard kinds.isEmpty || entry.event.happening.kind.map(kinds.contains) == true else { return false }
        return selectors.isEmpty || entry.subject.matches(selectors)
    }

    private func write(_ content: EventNotice.Content, at sequence: UInt64, into writer: inout JSONWriter) {
        Notice.event(EventNotice(sequence: sequence, content: content)).write(into: &writer)
    }
}
