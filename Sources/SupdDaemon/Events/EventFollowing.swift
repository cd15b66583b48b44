import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// A connection that subscribed to events: a place in the ring, and what it wants to hear of.
final class EventFollowing: Following {
    private let events: EventRing
    private let selectors: [ServiceSelector]
    private let kinds: Set<EventKind>
    /// Who is told; nil for somebody who may see everything.
    private let viewer: Viewer?
    /// The number of the event to look at next.
    private var next: UInt64
    /// The number at which it has come to where its subscription began; nil once that is told, or need not be.
    private var catchesUpAt: UInt64?

    let precedesAnswers = true
    /// So many events are looked at in one go.
    private static let eventsAtOnce = 64

    init(
        _ params: EventParams, of events: EventRing, after sequence: UInt64, catchesUpAt: UInt64?,
        viewer: Viewer?
    ) {
        self.events = events
        self.viewer = viewer
        selectors = params.selectors
        kinds = Set(params.kinds)
        next = sequence + 1
        self.catchesUpAt = catchesUpAt
    }

    func write(into writer: inout JSONWriter) -> Bool {
        let first = events.first
        if next < first {
            write(.gap(first - next), at: first - 1, into: &writer)
            next = first
        }
        let end = next + UInt64(Self.eventsAtOnce)
        while next <= events.last {
            tellCaughtUp(into: &writer)
            guard next < end else { return true }
            let entry = events[next]
            if wants(entry) { tell(entry, into: &writer) }
            next += 1
        }
        tellCaughtUp(into: &writer)
        return false
    }

    func end() {}

    private func tellCaughtUp(into writer: inout JSONWriter) {
        guard let place = catchesUpAt, next > place else { return }
        catchesUpAt = nil
        write(.caughtUp, at: next - 1, into: &writer)
    }

    private func wants(_ entry: EventRing.Entry) -> Bool {
        guard kinds.isEmpty || entry.kept.kind.map(kinds.contains) == true else { return false }
        return selectors.isEmpty || entry.subject.matches(selectors)
    }

    /// Writes the next event, as far as it is to be seen.
    private func tell(_ entry: EventRing.Entry, into writer: inout JSONWriter) {
        if let viewer, !entry.subject.isTold(to: viewer) { return }
        guard let viewer, !(entry.kept.isForEverybody && (!entry.subject.isDaemon || viewer.seesDaemon)) else {
            return events.writeNotice(of: next, into: &writer)
        }
        guard let event = entry.kept.event(of: entry.subject.name, for: viewer) else { return }
        write(.event(event), at: next, into: &writer)
    }

    private func write(_ content: EventNotice.Content, at sequence: UInt64, into writer: inout JSONWriter) {
        Notice.event(EventNotice(sequence: sequence, content: content)).write(into: &writer)
    }
}
