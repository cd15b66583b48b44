import SupdEngine
import SupdPlugin
import SupdProtocol

/// An event as it is remembered: by the ring as it is, and by the histories of the instances that it is about, of changes in fewer bytes
/// (`HistoryEntries`).
final class KeptEvent: Sendable {
    /// Its number in the ring.
    let sequence: UInt64
    let time: WallTime
    let content: Content

    /// What has happened.
    enum Content {
        /// What most are, in little memory.
        case change(Change)
        /// With the instances that it is for beside those that it names.
        indirect case order(OrderEvent, ArraySlice<InstanceID>)
        /// With its text, where that may name services. No change and no order.
        indirect case other(Event.Happening, Sentence? = nil)
    }

    /// The event that is number `sequence` of the ring.
    init(_ content: Content, time: WallTime, at sequence: UInt64) {
        self.sequence = sequence
        self.time = time
        self.content = content
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

    /// What a `StateEvent` is made of when somebody is told of it, without the name, and with what only an end has out of line.
    struct Change {
        let attempt: UInt64
        let cause: Cause
        /// 0 where there is none.
        let pid: Int32
        let restarts: UInt32
        let from: ServiceState
        let state: ServiceState
        let ready: Bool
        let desired: DesiredState
        private let end: End?

        init(
            from: ServiceState, state: ServiceState, ready: Bool, desired: DesiredState, attempt: UInt64, pid: Int32?,
            restarts: Int, cause: SupdEngine.Cause, exit: Exit?, nextStartAt: WallTime?, reason: Sentence?,
            decision: EndDecision?
        ) {
            self.init(
                states: HistoryCode.States(from: from, state: state, ready: ready, desired: desired), attempt: attempt,
                pid: pid ?? 0, restarts: UInt32(clamping: restarts), cause: Cause(cause), exit: exit,
                nextStartAt: nextStartAt, reason: reason, decision: decision)
        }

        init(
            states: HistoryCode.States, attempt: UInt64, pid: Int32, restarts: UInt32, cause: Cause, exit: Exit?,
            nextStartAt: WallTime?, reason: Sentence?, decision: EndDecision?
        ) {
            self.attempt = attempt
            self.cause = cause
            self.pid = pid
            self.restarts = restarts
            (from, state, ready, desired) = (states.from, states.state, states.ready, states.desired)
            let isEnd = exit != nil || nextStartAt != nil || reason != nil || decision != nil
            end = isEnd ? End(exit: exit, nextStartAt: nextStartAt, reason: reason, decision: decision) : nil
        }

        /// Whether it has any of these.
        var hasEnd: Bool { end != nil }
        var exit: Exit? { end?.exit }
        var nextStartAt: WallTime? { end?.nextStartAt }
        var reason: Sentence? { end?.reason }
        var decision: EndDecision? { end?.decision }

        var isForEverybody: Bool {
            if case .told(.dependency) = cause { return false }
            return reason?.isForEverybody ?? true
        }

        func event(of name: String, for viewer: Viewer?) -> StateEvent {
            StateEvent(
                name: name, from: from, state: state, ready: ready, desired: desired, attempt: attempt,
                pid: pid == 0 ? nil : pid, restarts: Int(restarts), cause: cause.event.told(to: viewer),
                exit: exit?.told, nextStartAt: nextStartAt, reason: reason?.told(to: viewer), decision: decision)
        }
    }

    /// Who or what has brought it about; what has words or numbers to it is out of line.
    enum Cause: Equatable {
        case none, boot, configuration, drain
        indirect case told(EventCause)

        init(_ cause: SupdEngine.Cause) {
            switch cause {
            case .none: self = .none
            case .boot: self = .boot
            case .configuration: self = .configuration
            case .drain: self = .drain
            case .order, .reset, .dependency, .plugin: self = .told(EventCause(cause))
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

    /// How an attempt has ended. Most are never told: what is said of it in words is made for who is.
    struct Exit {
        let record: ExitRecord
        let at: WallTime
        let success: Bool

        var told: LastExit { LastExit(record, at: at, success: success) }
    }

    private final class End: Sendable {
        let exit: Exit?
        let nextStartAt: WallTime?
        let reason: Sentence?
        let decision: EndDecision?

        init(exit: Exit?, nextStartAt: WallTime?, reason: Sentence?, decision: EndDecision?) {
            self.exit = exit
            self.nextStartAt = nextStartAt
            self.reason = reason
            self.decision = decision
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
