import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// A connection that subscribed to events: a place in the ring, and what it wants to hear of.
final class EventFollowing: Following {
    private let events: EventRing
    private let access: AccessControl
    private let selectors: [ServiceSelector]
    private let kinds: Set<EventKind>
    /// Who is told; nil for somebody who may see everything.
    private let viewer: PeerCredentials?
    /// The number of the event to look at next.
    private var next: UInt64
    /// The number at which it has come to where its subscription began; nil once that is told, or need not be.
    private var catchesUpAt: UInt64?

    let precedesAnswers = true
    /// So many events are looked at in one go.
    private static let eventsAtOnce = 64

    init(
        _ params: EventParams, of events: EventRing, after sequence: UInt64, catchesUpAt: UInt64?,
        viewer: PeerCredentials?, _ access: AccessControl
    ) {
        self.events = events
        self.access = access
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

    /// Writes the next event, as far as it is to be seen: what many were ordered to do names those that are.
    private func tell(_ entry: EventRing.Entry, into writer: inout JSONWriter) {
        guard let viewer else { return events.writeNotice(of: next, into: &writer) }
        guard let instances = entry.subject.instances else {
            guard access.granted(to: viewer) != nil else { return }
            guard let event = withoutNames(entry, for: viewer) else {
                return events.writeNotice(of: next, into: &writer)
            }
            return write(.event(event), at: next, into: &writer)
        }
        let visible = instances.filter { access.granted(to: viewer, overridden: $0.access) != nil }
        if visible.count == instances.count { return events.writeNotice(of: next, into: &writer) }
        let event = entry.event
        guard case .order(var order) = event.happening, !visible.isEmpty else { return }
        order.services = visible.map(\.name.description)
        order.count = visible.count
        write(.event(Event(time: event.time, happening: .order(order))), at: next, into: &writer)
    }

    /// What began a drain, and its end, are told in sentences that may name any service: the event without its own, for who may not see all
    /// of them; else nil.
    private func withoutNames(_ entry: EventRing.Entry, for viewer: PeerCredentials) -> Event? {
        guard entry.kept.kind == .drain, access.hidesAny(from: viewer), case .drain(var drain) = entry.event.happening,
            drain.step == .began || drain.step == .ended
        else { return nil }
        drain.text = AccessControl.untold
        return Event(time: entry.event.time, happening: .drain(drain))
    }

    private func write(_ content: EventNotice.Content, at sequence: UInt64, into writer: inout JSONWriter) {
        Notice.event(EventNotice(sequence: sequence, content: content)).write(into: &writer)
    }
}
