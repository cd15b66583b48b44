import SupdPlugin
import SupdProtocol

/// How far an order is, by what the daemon tells of the services that it is for.
struct OrderProgress {
    /// What it is waited for.
    enum Goal: Hashable {
        case up([String])
        case upAnew([String])
        case down([String])
        /// Services that are there, or are to be there, or not.
        case scaled([String])
        /// What the configuration wants of each.
        case applied

        /// Nil where nothing is waited for that events tell of.
        init?(_ verb: Verb) {
            switch verb {
            case .order(.start, let services, wait: true, _): self = .up(services)
            case .order(.restart, let services, wait: true, _): self = .upAnew(services)
            case .order(.stop, let services, wait: true, _): self = .down(services)
            case .scale(let params) where params.wait: self = .scaled([params.service])
            case .apply(let params) where params.wait: self = .applied
            default: return nil
            }
        }

        /// The services that it is for; none for all.
        var selectors: [String] {
            switch self {
            case .up(let services), .upAnew(let services), .down(let services), .scaled(let services): services
            case .applied: []
            }
        }

        /// Whether it names more than one service, or may do so.
        var mayBeOfSeveral: Bool {
            selectors.count != 1 || self == .scaled(selectors) || ServiceSelector(selectors[0]).exactName == nil
        }
    }

    private let goal: Goal
    /// Whether it is for more than one service, as far as is known.
    private(set) var isOfSeveral: Bool
    /// Those that are still on their way, in the order they are known in.
    private var pending: [String] = []
    private var done = 0
    /// Who has had a configuration taken over since: what follows from it is told with the same cause, and of what is restarted along with
    /// others with those.
    private var cause: EventCause?

    /// Of `goal`, where services are as `snapshot` has them.
    init(_ goal: Goal, _ snapshot: [ServiceStatus]) {
        self.goal = goal
        isOfSeveral = goal == .applied || goal == .scaled(goal.selectors) || snapshot.count > 1
        switch goal {
        case .up: pending = snapshot.filter { !$0.isUp }.map(\.name)
        case .upAnew: pending = snapshot.map(\.name)
        case .down: pending = snapshot.filter { !$0.isDown }.map(\.name)
        case .scaled, .applied: break
        }
    }

    /// Takes what has happened, and answers its line where a service has settled by it.
    mutating func take(_ notice: EventNotice) -> String? {
        guard case .event(let event) = notice.content else { return nil }
        switch event.happening {
        case .apply(let event):
            if goal == .applied, event.applied, cause == nil { cause = event.cause }
            return nil
        case .state(let event): return take(event)
        case .blocked(let event): return take(event)
        case .health, .removed, .order, .drain, .ready, .plugin, .other: return nil
        }
    }

    private mutating func take(_ event: StateEvent) -> String? {
        if goal == .applied {
            guard let cause, event.cause == cause || event.cause.isDependency else { return nil }
        }
        let wasPending = pending.contains(event.name)
        guard isSettled(event) else {
            if !wasPending { pending.append(event.name) }
            return nil
        }
        pending.removeAll { $0 == event.name }
        if wasPending { done += 1 }
        return DisplayText.safe(Self.line(event))
    }

    /// An order is answered without what cannot start now.
    private mutating func take(_ event: BlockedEvent) -> String? {
        guard event.blocked != nil, let place = pending.firstIndex(of: event.name) else { return nil }
        pending.remove(at: place)
        done += 1
        return DisplayText.safe("\(event.name) is \(ServiceState.stopped.rawValue): \(event.reason)")
    }

    private func isSettled(_ event: StateEvent) -> Bool {
        switch event.state.known {
        case .starting, .stopping, nil: return false
        case .running:
            guard case .down = goal else { return true }
            return event.desired.known == .up
        case .backoff, .exited, .fatal: return true
        // On its way up again otherwise.
        case .stopped: return event.desired.known == .down
        }
    }

    private static func line(_ event: StateEvent) -> String {
        let what = "\(event.name) is \(event.state.rawValue)"
        return switch event.state.known {
        case .running: what + (event.pid.map { ", pid \($0)" } ?? "")
        default: what + (event.reason.map { ": \($0)" } ?? "")
        }
    }

    /// `waiting for web, worker@2 and 3 more; 4 are done`, empty where nothing is known to be waited for.
    var text: String {
        guard !pending.isEmpty else { return "" }
        let are = done == 1 ? "1 is done" : "\(done) are done"
        return DisplayText.safe("waiting for \(pending.named(atMost: Self.namesShown))" + (done > 0 ? "; \(are)" : ""))
    }

    private static let namesShown = 5
}

extension ServiceStatus {
    /// Whether nothing of it runs.
    fileprivate var isDown: Bool {
        switch state.known {
        case .stopped, .backoff, .exited, .fatal: true
        case .starting, .running, .stopping, nil: false
        }
    }
}

extension EventCause {
    fileprivate var isDependency: Bool {
        if case .dependency = self { true } else { false }
    }
}
