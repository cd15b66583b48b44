import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// `wait`: until all that was named is so, told by the daemon's events. Shows on a terminal what it waits for.
struct WaitWatch {
    /// What is known of an instance that is waited for.
    struct Seen: Hashable {
        var name: String
        var state: WireWord<ServiceState>
        var ready: Bool
        var health: WireWord<ServiceHealth>?
        var reason: String
        /// Only an order would have what it waits for up.
        var isBlockedForGood: Bool
        private var since: WallTime

        init(_ status: ServiceStatus) {
            name = status.name
            state = status.state
            ready = status.ready
            health = status.health
            reason = status.reason
            isBlockedForGood = status.blocked?.forGood ?? false
            since = status.since
        }

        /// What has happened before it came into its state is in that.
        mutating func take(_ event: StateEvent, at time: WallTime) {
            guard time >= since else { return }
            since = time
            state = event.state
            ready = event.ready
            reason = event.reason ?? ""
            isBlockedForGood = false
        }

        /// The same of what it waits for.
        mutating func take(_ event: BlockedEvent, at time: WallTime) {
            guard time >= since else { return }
            reason = event.reason
            isBlockedForGood = event.blocked?.forGood ?? false
        }
    }

    /// What it has to be told of.
    static let kinds: [EventKind] = [.state, .health, .blocked, .removed]

    var condition: Condition
    var json: Bool
    var screen: Screen
    /// The socket's path.
    var path: String
    private var shown = ""

    init(condition: Condition, json: Bool, screen: Screen, path: String) {
        self.condition = condition
        self.json = json
        self.screen = screen
        self.path = path
    }

    mutating func run(
        _ services: [String], _ connection: inout ControlConnection, timeout: Duration?, answer: Duration?
    ) throws(ClientError) -> Outcome {
        let deadline = timeout.map { Clock.now.advanced(by: $0) }
        // What cannot be written of the progress is lost: there is nowhere to say so.
        defer { _ = screen.clear() }
        var selectors = services
        // Those that it has found once it goes on with, whatever was said of them.
        var found: [Seen]?
        while true {
            var seen: [Seen]
            do throws(ClientError) {
                seen = try subscribe(to: selectors, &connection, answer)
            } catch {
                // One of them is gone by now.
                guard found != nil, case .refused(let refusal) = error, refusal.kind == .noSuchService else {
                    throw error
                }
                selectors = ["*"]
                seen = try subscribe(to: selectors, &connection, answer)
            }
            if let found {
                let there = Set(seen.map(\.name))
                let gone = found.filter { !there.contains($0.name) }
                if let lost = gone.first(where: { !isAtRest($0) }) { return removed(lost, found) }
                let names = Set(found.map(\.name))
                seen = seen.filter { names.contains($0.name) } + gone
            }
            // By then they may be in another state, or have another tag; and they may be more than one request may name.
            let areTheSame = services.map(ServiceSelector.init).allSatisfy { !$0.isByState && $0.tag == nil }
            if !areTheSame { selectors = ["*"] }
            do throws(ClientError) {
                if let outcome = try follow(&seen, &connection, until: deadline) { return outcome }
                found = seen
            } catch {
                switch error {
                case .timedOut: return timedOut(seen, after: timeout ?? .zero)
                case .closed:
                    return .connectionLost
                default: throw error
                }
            }
            // It has missed something, or has to know more: it looks anew. One user may have so many connections.
            connection.hangUp()
            connection = try ControlConnection(connectingTo: path)
        }
    }

    private func subscribe(
        to selectors: [String], _ connection: inout ControlConnection, _ answer: Duration?
    ) throws(ClientError) -> [Seen] {
        let call = Request.Call.eventsSubscribe(EventParams(services: selectors, kinds: Self.kinds))
        return try EventSubscription(result: connection.call(call, timeout: answer)).services.map(Seen.init)
    }

    /// Nil where it has to look anew.
    private mutating func follow(
        _ seen: inout [Seen], _ connection: inout ControlConnection, until deadline: MonotonicInstant?
    ) throws(ClientError) -> Outcome? {
        while true {
            if let outcome = outcome(seen) { return outcome }
            show(seen)
            for (notice, _) in try connection.notices(until: deadline) {
                guard case .event(let told) = notice else { continue }
                guard case .event(let event) = told.content else { return nil }
                switch event.happening {
                case .state(let change):
                    // Whether it has a probe of its health is not told by the event.
                    if condition == .healthy, change.state.known == .running,
                        seen.contains(where: { $0.name == change.name })
                    {
                        return nil
                    }
                    for place in seen.indices where seen[place].name == change.name {
                        seen[place].take(change, at: event.time)
                    }
                case .health(let change):
                    for place in seen.indices where seen[place].name == change.name {
                        seen[place].health = change.health
                    }
                case .blocked(let change):
                    for place in seen.indices where seen[place].name == change.name {
                        seen[place].take(change, at: event.time)
                    }
                case .removed(let event):
                    guard let lost = seen.first(where: { $0.name == event.name }) else { break }
                    guard isAtRest(lost) else { return removed(lost, seen) }
                default: break
                }
            }
        }
    }

    /// Whether it has come to what it was waited for, and can go.
    private func isAtRest(_ service: Seen) -> Bool { condition == .stopped && condition.isMet(service) }

    /// It will never be so: there is no such instance any more.
    private func removed(_ service: Seen, _ seen: [Seen]) -> Outcome {
        let words = "\(service.name) was removed while \(sentence(seen))"
        return Outcome(
            status: .failed, output: output(seen), errors: "supctl: \(DisplayText.safe(words))\n")
    }

    private func outcome(_ seen: [Seen]) -> Outcome? {
        let lost = seen.filter { condition.cannotBe($0) }
        guard lost.isEmpty else {
            let lines = lost.map { service in
                let why = condition.advice(service) ?? (service.reason.isEmpty ? "" : ": \(service.reason)")
                return "supctl: \(DisplayText.safe("\(service.name) is \(service.state.rawValue)\(why)"))\n"
            }
            return Outcome(status: .failed, output: output(seen), errors: lines.joined())
        }
        return seen.allSatisfy(condition.isMet) ? Outcome(output: output(seen)) : nil
    }

    private func timedOut(_ seen: [Seen], after timeout: Duration) -> Outcome {
        Outcome(
            status: .timedOut, output: output(seen),
            errors: "supctl: timed out after \(timeout.text) while \(DisplayText.safe(sentence(seen)))\n")
    }

    private func output(_ seen: [Seen]) -> String {
        guard json else { return "" }
        let services = seen.map { service -> JSONValue in
            [
                "name": .string(service.name), "state": .string(service.state.rawValue),
                "met": .bool(condition.isMet(service)),
            ]
        }
        return (["condition": .string(condition.rawValue), "services": .array(services)] as JSONValue).description
            + "\n"
    }

    /// `waiting until web@1 (STARTING), db (BACKOFF) and 3 more are ready`, `waiting until job (RUNNING) has exited`
    private func sentence(_ seen: [Seen]) -> String {
        let open = seen.filter { !condition.isMet($0) }
        let names = open.map { "\($0.name) (\($0.state.rawValue))" }.named(atMost: 3)
        let verb = condition == .exited ? (one: "has", many: "have") : (one: "is", many: "are")
        return "waiting until \(names) \(open.count == 1 ? verb.one : verb.many) \(condition.rawValue)"
    }

    private mutating func show(_ seen: [Seen]) {
        let room = screen.room
        guard room.canRedraw else { return }
        let text = DisplayText.safe(sentence(seen))
        guard text != shown else { return }
        shown = text
        _ = screen.show((room.width.map { DisplayText.cut(text, to: $0) } ?? text) + "\n")
    }
}

extension Condition {
    /// Whether an instance is so.
    func isMet(_ service: WaitWatch.Seen) -> Bool {
        switch self {
        case .running: service.state.known == .running
        case .ready: service.ready
        case .healthy: service.state.known == .running && service.health?.known == .healthy
        case .exited: service.state.known == .exited
        case .stopped: [.stopped, .exited, .fatal].contains(service.state.known)
        }
    }

    /// Whether it will not be so by itself, but by an order: it has ended for good, waits for what has, or nothing asks how its health is.
    func cannotBe(_ service: WaitWatch.Seen) -> Bool {
        if isMet(service) { return false }
        switch self {
        case .stopped: return false
        case .exited: return service.state.known == .fatal || service.isBlockedForGood
        case .running, .ready: return [.fatal, .exited].contains(service.state.known) || service.isBlockedForGood
        case .healthy:
            return [.fatal, .exited].contains(service.state.known) || service.isBlockedForGood
                || isWithoutProbe(service)
        }
    }

    /// What is to be said in place of the service's own reason.
    func advice(_ service: WaitWatch.Seen) -> String? {
        self == .healthy && isWithoutProbe(service)
            ? " and has no 'health', so nothing says whether it is healthy: wait for 'ready'" : nil
    }

    private func isWithoutProbe(_ service: WaitWatch.Seen) -> Bool {
        service.state.known == .running && service.health == nil
    }
}
