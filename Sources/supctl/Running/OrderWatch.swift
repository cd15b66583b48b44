import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Waits for the result of an order, and shows meanwhile what becomes of the services that it is for: in a pipe one line a service as it
/// happens, on a terminal what is still waited for.
struct OrderWatch {
    /// How long the daemon may take to begin to tell what happens.
    private static let beginLimit: Duration = .seconds(5)

    var screen: Screen
    /// What is over before that is not shown on a terminal.
    var patience: Duration
    private var progress: OrderProgress?

    init(screen: Screen, patience: Duration) {
        self.screen = screen
        self.patience = patience
    }

    mutating func result(
        of verb: Verb, _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) -> JSONValue {
        let deadline = timeout.map { Clock.now.advanced(by: $0) }
        try subscribe(verb, &connection, within: min(timeout ?? Self.beginLimit, Self.beginLimit))
        let id = try connection.giveOrder(verb.call, timeout: timeout)
        // What cannot be written of the progress is lost: there is nowhere to say so.
        defer { _ = screen.clear() }
        let result = try result(of: id, &connection, deadline: deadline, timeout: timeout)
        if progress != nil, !screen.room.canRedraw { takeRest(&connection) }
        return result
    }

    private mutating func result(
        of id: RequestID, _ connection: inout ControlConnection, deadline: MonotonicInstant?, timeout: Duration?
    ) throws(ClientError) -> JSONValue {
        var quietUntil = screen.room.canRedraw ? Clock.now.advanced(by: patience) : nil
        while true {
            do throws(ClientError) {
                let limit = [deadline, quietUntil].compactMap(\.self).min()
                switch try connection.next(deadline: limit, timeout: timeout) {
                case .notice(.event(let notice)): take(notice, isShown: quietUntil == nil)
                case .reply(let reply) where reply.id == id || reply.id == nil:
                    switch reply.outcome {
                    case .success(let result): return result
                    case .failure(let error): throw .refused(error)
                    }
                case .notice(.line), .reply: break
                }
            } catch {
                guard case .timedOut = error, let quiet = quietUntil, deadline.map({ quiet < $0 }) ?? true else {
                    throw error
                }
                quietUntil = nil
                show()
            }
        }
    }

    /// Has the connection told of what happens to those that the order is for, where they may be several or somebody looks.
    private mutating func subscribe(
        _ verb: Verb, _ connection: inout ControlConnection, within limit: Duration
    ) throws(ClientError) {
        guard let goal = OrderProgress.Goal(verb), screen.room.canRedraw || goal.mayBeOfSeveral else { return }
        // Of a whole configuration no snapshot is needed, and may be large.
        let last = goal.selectors.isEmpty ? 0 : nil
        let params = EventParams(services: goal.selectors, kinds: [.state, .blocked, .apply], last: last)
        do throws(ClientError) {
            let result = try connection.call(.eventsSubscribe(params), timeout: limit)
            progress = OrderProgress(goal, try EventSubscription(result: result).services)
        } catch {
            switch error {
            // The order says itself what is wrong with it, and goes without being followed.
            case .refused, .unreadable, .timedOut: return
            case .noDaemon, .noAccess, .badPath, .notTaken, .closed, .failed, .cancelled: throw error
            }
        }
    }

    /// The last of it is told after the result. An answer that comes behind it says that this is all.
    private mutating func takeRest(_ connection: inout ControlConnection) {
        do throws(ClientError) {
            let deadline = Clock.now.advanced(by: Self.beginLimit)
            let id = try connection.begin(.supervisorPing, timeout: Self.beginLimit)
            while true {
                switch try connection.next(deadline: deadline, timeout: Self.beginLimit) {
                case .notice(.event(let notice)): take(notice, isShown: false)
                case .reply(let reply) where reply.id == id: return
                case .notice(.line), .reply: break
                }
            }
        } catch {
            // What is not told here the result has.
        }
    }

    private mutating func take(_ notice: EventNotice, isShown: Bool) {
        let line = progress?.take(notice)
        // Of one service the result says the same.
        if let line, progress?.isOfSeveral == true {
            if isShown { _ = screen.clear() }
            _ = screen.write(line + "\n")
        }
        if isShown, screen.room.canRedraw { show() }
    }

    private mutating func show() {
        let text = progress?.text ?? ""
        guard !text.isEmpty else {
            _ = screen.clear()
            return
        }
        _ = screen.show((screen.room.width.map { DisplayText.cut(text, to: $0) } ?? text) + "\n")
    }
}
