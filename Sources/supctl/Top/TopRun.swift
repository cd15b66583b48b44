import SupdConnection
import SupdPlugin
import SupdProtocol

/// `top`: looks once a second, and does what keys want.
struct TopRun {
    /// Which services; none is all.
    var services: [String]
    var timeout: Duration?
    private static let interval = Duration.seconds(1)

    /// Until `q`, or the daemon or the terminal is gone.
    func run(_ connection: inout ControlConnection) throws(ClientError) -> Outcome {
        // A name that is none is said before the screen is taken.
        let first: ServiceList = try connection.call(.serviceStatus(selection), timeout: timeout)
        guard let terminal = RawTerminal() else {
            return Outcome(
                status: .wrongUse,
                errors:
                    "supctl: 'top' needs a terminal that it can draw on; 'supctl status' and 'supctl tree' print the same once\n"
            )
        }
        defer { terminal.leave() }
        do throws(ClientError) {
            return try follow(first.services, terminal, &connection)
        } catch {
            guard case .closed = error else { throw error }
            return .connectionLost
        }
    }

    private var selection: ServiceSelection { ServiceSelection(services: services) }

    private func follow(
        _ first: [ServiceStatus], _ terminal: RawTerminal, _ connection: inout ControlConnection
    ) throws(ClientError) -> Outcome {
        var model = TopModel()
        var subject: TopModel.Wish?
        var next = Clock.now
        while true {
            if Clock.now >= next {
                let list: ServiceList = try connection.call(.serviceStatus(selection), timeout: timeout)
                let trees: ServiceTrees = try connection.call(.serviceTree(selection), timeout: timeout)
                next = Clock.now.advanced(by: Self.interval)
                model.update(list.services, trees.services, at: Clock.now)
                if case .text = model.page, let subject { model.text = try text(subject, &connection) }
            }
            // Nobody sees it any more.
            if terminal.show(TopText.lines(model, now: Clock.wall, terminal: .current())) != nil { return Outcome() }
            switch terminal.wait(milliseconds: Clock.pollTimeout(until: next)) {
            case .timeout, .interrupted: break
            case .end: return Outcome()
            case .keys(let keys):
                for key in keys {
                    guard let wish = model.press(key) else { continue }
                    switch wish {
                    case .quit: return Outcome()
                    case .order(let order, let service):
                        model.message = try give(order, to: service, &connection)
                        next = Clock.now
                    case .logs, .why:
                        subject = wish
                        model.text = try text(wish, &connection)
                    }
                }
            }
        }
    }

    /// Gives an order, and answers in a line what came of it.
    private func give(
        _ order: Verb.Order, to service: String, _ connection: inout ControlConnection
    ) throws(ClientError) -> String {
        do throws(ClientError) {
            let verb = Verb.order(order, services: [service], wait: false, timeout: nil)
            let results: ServiceResults = try connection.call(verb.call, timeout: timeout)
            return results.services.compactMap { $0.error.map { "\($0)" } }.first ?? "\(order) of \(service) is ordered"
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            return "\(refusal)"
        }
    }

    /// The lines of a page about one service.
    private func text(
        _ subject: TopModel.Wish, _ connection: inout ControlConnection
    ) throws(ClientError) -> [String] {
        do throws(ClientError) {
            switch subject {
            case .logs(let service):
                let log: LogRead = try connection.call(
                    .logsRead(LogsParams(services: [service], lines: 200)), timeout: timeout)
                return LogText.text(log).split(separator: "\n").map(String.init)
            case .why(let service):
                let list: ServiceWhys = try connection.call(
                    .serviceWhy(ServiceSelection(services: [service])), timeout: timeout)
                return WhyText.text(list.services, now: Clock.wall, terminal: .none)
                    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            case .quit, .order: return []
            }
        } catch {
            // It may be gone by now.
            guard case .refused(let refusal) = error else { throw error }
            return ["\(refusal)"]
        }
    }
}
