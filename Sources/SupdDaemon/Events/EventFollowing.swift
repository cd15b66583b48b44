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
    /// Whether it begins with events that there were, in place of a snapshot.
    let beginsBefore: Bool
    /// The number of the event to look at next.
    private var next: UInt64
    /// How far was looked back for where to begin, and how many were found that are told.
    private var looked: (next: UInt64, found: Int)?
    /// The number at which it has come to where its subscription began; nil once that is told, or need not be.
    private var catchesUpAt: UInt64?

    let precedesAnswers = true
    /// So many events are looked at in one go.
    private static let eventsAtOnce = 64

    init(_ params: EventParams, of events: EventRing, viewer: Viewer?) {
        self.events = events
        self.viewer = viewer
        selectors = params.selectors
        kinds = Set(params.kinds)
        beginsBefore = params.since != nil || params.last != nil
        next = (params.since ?? (params.last == nil ? events.last : 0)) + 1
    }

    /// Has it begin no earlier than with the last `count` of what is told, looked for a few events at a time. True once that is found.
    func goesOn(fromLast count: Int) -> Bool {
        var (place, found) = looked ?? (events.last + 1, 0)
        let oldest = max(next, events.first)
        let end = place - min(place, UInt64(Self.eventsAtOnce))
        while found < count, place > max(oldest, end) {
            place -= 1
            if telling(events[place]) != nil { found += 1 }
        }
        looked = (place, found)
        if found == count { next = max(next, place) }
        return found == count || place <= oldest
    }

    /// The subscription is answered: what has come until now is what there was.
    func begin() { catchesUpAt = beginsBefore ? events.last : nil }

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
            tell(events[next], into: &writer)
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

    /// What is told of an event.
    private enum Telling {
        /// What everybody is told.
        case whole
        /// What there is for who is told.
        case part(Event)
    }

    /// Nil of one that is not to be seen, or not wanted.
    private func telling(_ entry: EventRing.Entry) -> Telling? {
        guard wants(entry) else { return nil }
        guard let viewer else { return .whole }
        guard entry.subject.isTold(to: viewer) else { return nil }
        if entry.kept.isForEverybody, !entry.subject.isDaemon || viewer.seesDaemon { return .whole }
        return entry.kept.event(of: entry.subject.name, for: viewer).map { .part($0) }
    }

    /// Writes the next event, as far as it is to be seen.
    private func tell(_ entry: EventRing.Entry, into writer: inout JSONWriter) {
        switch telling(entry) {
        case .whole: events.writeNotice(of: next, into: &writer)
        case .part(let event): write(.event(event), at: next, into: &writer)
        case nil: break
        }
    }

    private func write(_ content: EventNotice.Content, at sequence: UInt64, into writer: inout JSONWriter) {
        Notice.event(EventNotice(sequence: sequence, content: content)).write(into: &writer)
    }
}
