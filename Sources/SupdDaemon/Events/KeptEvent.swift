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
        case other(Event.Happening)
    }

    /// The event that is number `sequence` of the ring.
    init(_ event: Event, at sequence: UInt64) {
        self.sequence = sequence
        time = event.time
        if case .state(let change) = event.happening {
            content = .change(Change(change))
        } else {
            content = .other(event.happening)
        }
    }

    /// Its kind; nil of one that this version has no word for.
    var kind: EventKind? {
        switch content {
        case .change: .state
        case .other(let happening): happening.kind
        }
    }

    /// The event; a change of state is one of an instance that is called `name`.
    func event(of name: @autoclosure () -> String) -> Event {
        switch content {
        case .change(let change): Event(time: time, happening: .state(change.event(of: name())))
        case .other(let happening): Event(time: time, happening: happening)
        }
    }

    /// A `StateEvent` without the name, and with what only an end has out of line.
    struct Change {
        private let attempt: UInt64
        private let cause: EventCause
        private let pid: Int32
        private let restarts: UInt32
        private let from: ServiceState
        private let state: ServiceState
        private let ready: Bool
        private let desired: DesiredState
        private let end: End?

        init(_ event: StateEvent) {
            attempt = event.attempt
            cause = event.cause
            pid = event.pid ?? 0
            restarts = UInt32(clamping: event.restarts)
            from = event.from
            state = event.state
            ready = event.ready
            desired = event.desired
            end = End(event)
        }

        func event(of name: String) -> StateEvent {
            StateEvent(
                name: name, from: from, state: state, ready: ready, desired: desired, attempt: attempt,
                pid: pid == 0 ? nil : pid, restarts: Int(restarts), cause: cause, exit: end?.exit,
                nextStartAt: end?.nextStartAt, reason: end?.reason, decision: end?.decision)
        }
    }

    private final class End: Sendable {
        let exit: LastExit?
        let nextStartAt: WallTime?
        let reason: String?
        let decision: EndDecision?

        /// Nil where there is nothing of that.
        init?(_ event: StateEvent) {
            exit = event.exit
            nextStartAt = event.nextStartAt
            reason = event.reason
            decision = event.decision
            guard exit != nil || nextStartAt != nil || reason != nil || decision != nil else { return nil }
        }
    }
}
