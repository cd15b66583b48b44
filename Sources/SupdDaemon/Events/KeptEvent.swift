import SupdEngine
import SupdPlugin
import SupdProtocol

/// An event as it is remembered, once for all who do: the ring, and the histories of the instances that it is about.
final class KeptEvent: Sendable {
    /// Its number in the ring.
    let sequence: UInt64
    private let time: WallTime
    private let content: Content

    private enum Content {
        /// What most are, in little memory.
        case change(Change)
        /// With the instances that it is for beside those that it names.
        indirect case order(OrderEvent, ArraySlice<InstanceID>)
        /// With its text, where that may name services.
        indirect case other(Event.Happening, Sentence?)
    }

    /// The event that is number `sequence` of the ring; `words` are its reason or its text where these may name services, and
    /// `unnamed` what an order is for beside those that it names.
    init(_ event: Event, _ words: Sentence? = nil, unnamed: ArraySlice<InstanceID> = [], at sequence: UInt64) {
        self.sequence = sequence
        time = event.time
        switch event.happening {
        case .state(let change):
            content = .change(Change(change, reason: words ?? change.reason.map { Sentence($0) }))
        case .order(let order): content = .order(order, unnamed)
        default: content = .other(event.happening, words)
        }
    }

    /// Its kind; nil of one that this version has no word for.
    var kind: EventKind? {
        switch content {
        case .change: .state
        case .order: .order
        case .other(let happening, _): happening.kind
        }
    }

    /// The event; a change of state is one of an instance that is called `name`.
    func event(of name: @autoclosure () -> String) -> Event {
        switch content {
        case .change(let change): Event(time: time, happening: .state(change.event(of: name(), for: nil)))
        case .order(let order, _): Event(time: time, happening: .order(order))
        case .other(let happening, _): Event(time: time, happening: happening)
        }
    }

    /// The same as `viewer` may be told it: of other services only what he may see, and of the daemon where he may see that. Nil where
    /// nothing is left.
    func event(of name: @autoclosure () -> String, for viewer: Viewer?) -> Event? {
        guard let viewer else { return event(of: name()) }
        switch content {
        case .change(let change): return Event(time: time, happening: .state(change.event(of: name(), for: viewer)))
        case .order(let order, let unnamed):
            return order.told(to: viewer, unnamed).map { Event(time: time, happening: .order($0)) }
        case .other(let happening, let words):
            return happening.told(to: viewer, words).map { Event(time: time, happening: $0) }
        }
    }

    /// Whether it is the same to everybody who may be told of it.
    var isForEverybody: Bool {
        switch content {
        case .change(let change): change.isForEverybody
        case .order: false
        case .other(_, let words): words?.isForEverybody ?? true
        }
    }

    /// A `StateEvent` without the name, and with what only an end has out of line.
    struct Change {
        private let attempt: UInt64
        private let cause: Cause
        private let pid: Int32
        private let restarts: UInt32
        private let from: ServiceState
        private let state: ServiceState
        private let ready: Bool
        private let desired: DesiredState
        private let end: End?

        init(_ event: StateEvent, reason: Sentence?) {
            attempt = event.attempt
            cause = Cause(event.cause)
            pid = event.pid ?? 0
            restarts = UInt32(clamping: event.restarts)
            from = event.from
            state = event.state
            ready = event.ready
            desired = event.desired
            end = End(event, reason)
        }

        var isForEverybody: Bool {
            if case .told(.dependency) = cause { return false }
            return end?.reason?.isForEverybody ?? true
        }

        func event(of name: String, for viewer: Viewer?) -> StateEvent {
            StateEvent(
                name: name, from: from, state: state, ready: ready, desired: desired, attempt: attempt,
                pid: pid == 0 ? nil : pid, restarts: Int(restarts), cause: cause.event.told(to: viewer),
                exit: end?.exit, nextStartAt: end?.nextStartAt, reason: end?.reason?.told(to: viewer),
                decision: end?.decision)
        }
    }

    /// Who or what has brought it about; what has words or numbers to it is out of line.
    private enum Cause {
        case none, boot, configuration, drain
        indirect case told(EventCause)

        init(_ cause: EventCause) {
            switch cause {
            case .none: self = .none
            case .boot: self = .boot
            case .configuration: self = .configuration
            case .drain: self = .drain
            case .order, .reset, .dependency, .plugin, .signal: self = .told(cause)
            }
        }

        var event: EventCause {
            switch self {
            case .none: .none
            case .boot: .boot
            case .configuration: .configuration
            case .drain: .drain
            case .told(let cause): cause
            }
        }
    }

    private final class End: Sendable {
        let exit: LastExit?
        let nextStartAt: WallTime?
        let reason: Sentence?
        let decision: EndDecision?

        /// Nil where there is nothing of that.
        init?(_ event: StateEvent, _ reason: Sentence?) {
            exit = event.exit
            nextStartAt = event.nextStartAt
            self.reason = reason
            decision = event.decision
            guard exit != nil || nextStartAt != nil || reason != nil || decision != nil else { return nil }
        }
    }
}

extension Event.Happening {
    /// What is no change of a state, as `viewer` may be told it, with `words` as its text.
    fileprivate func told(to viewer: Viewer, _ words: Sentence?) -> Event.Happening? {
        switch self {
        case .state, .order, .health, .removed, .other: return self
        case .blocked(var event):
            event.blocked?.by.removeAll { !viewer.sees(named: $0) }
            event.reason = words?.told(to: viewer) ?? event.reason
            return .blocked(event)
        case .apply(var apply):
            apply.text = words?.told(to: viewer) ?? apply.text
            return viewer.seesDaemon ? .apply(apply) : nil
        case .drain(var drain):
            drain.text = words?.told(to: viewer) ?? drain.text
            return viewer.seesDaemon ? .drain(drain) : nil
        case .plugin(var plugin):
            plugin.text = words?.told(to: viewer) ?? plugin.text
            return viewer.seesDaemon ? .plugin(plugin) : nil
        case .ready: return viewer.seesDaemon ? self : nil
        }
    }
}

extension OrderEvent {
    /// As `viewer` may be told it: as one for those that he may see, `unnamed` among them. Nil where it is for none of these.
    fileprivate func told(to viewer: Viewer, _ unnamed: ArraySlice<InstanceID>) -> OrderEvent? {
        let named = services.filter { viewer.sees(named: $0) }
        let others = viewer.seen(of: unnamed, naming: ProtocolLimits.servicesNamed - named.count)
        guard !named.isEmpty || others.count > 0 else { return nil }
        var order = self
        order.services = named + others.names
        order.count = named.count + others.count
        return order
    }
}
