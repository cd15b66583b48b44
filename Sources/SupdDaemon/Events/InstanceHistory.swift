import SupdPlugin
import SupdProtocol

/// What has become of one instance, the last `ProtocolLimits.rememberedChanges` of it: events as the ring has them, in little memory, for as
/// long as there is the instance. None is kept of one that nothing has happened to.
struct InstanceHistory {
    private var entries: [Entry] = []
    /// How many there were before these.
    private(set) var forgotten = 0

    /// Adds the event that is number `sequence` of the ring.
    mutating func append(_ event: Event, at sequence: UInt64) {
        if entries.count == ProtocolLimits.rememberedChanges {
            entries.removeFirst()
            forgotten += 1
        }
        if case .state(let change) = event.happening {
            entries.append(.change(Change(change, at: event.time, sequence)))
        } else {
            entries.append(.other(event, at: sequence))
        }
    }

    /// The last `count` of an instance that is called `name` by now, oldest first.
    func events(of name: String, last count: Int) -> [EventNotice] {
        entries.suffix(count).map { entry in
            switch entry {
            case .change(let change):
                EventNotice(
                    sequence: change.sequence,
                    content: .event(Event(time: change.time, happening: .state(change.event(of: name)))))
            case .other(let event, let sequence): EventNotice(sequence: sequence, content: .event(event))
            }
        }
    }

    /// How many there are.
    var count: Int { entries.count }

    enum Entry {
        /// What is told of a change of state, most of which is told often.
        case change(Change)
        /// Anything else: an order is one value for all that it is for.
        case other(Event, at: UInt64)
    }

    /// A `StateEvent` without the name, which is the same in all of them, and with what only an end has out of line.
    struct Change {
        let time: WallTime
        let sequence: UInt64
        private let attempt: UInt64
        private let cause: EventCause
        private let pid: Int32
        private let restarts: UInt32
        private let from: ServiceState
        private let state: ServiceState
        private let ready: Bool
        private let desired: DesiredState
        private let end: End?

        init(_ event: StateEvent, at time: WallTime, _ sequence: UInt64) {
            self.time = time
            self.sequence = sequence
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
