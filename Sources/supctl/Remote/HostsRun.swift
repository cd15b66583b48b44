import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// `-H`: the same on other machines.
extension Session {
    /// Runs it on each of `hosts`.
    func run(_ invocation: Invocation, on hosts: [String]) -> Outcome {
        var tunnels: Tunnels
        do throws(HostFailure) {
            tunnels = try Tunnels(for: hosts.count)
        } catch {
            return Outcome(status: .failed, errors: "supctl: \(DisplayText.safe(error.message))\n")
        }
        let paths = tunnels.open(hosts, socket: invocation.socket, errors)
        guard hosts.count > 1 else { return run(invocation, on: hosts[0], paths[0], tunnels) }
        let limit = invocation.verb.replyLimit(grace: grace)
        let links = zip(hosts, paths).map { host, path in HostLink(host, path, invocation.verb.call, limit: limit) }
        // All are at work by now, and have the same time.
        let deadline = limit.map { Clock.now.advanced(by: $0) }
        var watch = HostWatch(errors)
        for (index, link) in links.enumerated() {
            while !link.hasAnswered(by: deadline, orWithin: interval) {
                guard watch.isDue else { continue }
                let open = links[index...].filter { !$0.hasAnswered(by: deadline, orWithin: .zero) }
                watch.show("waiting for \(open.map(\.host).named(atMost: 3))")
            }
        }
        watch.end()
        let answers = links.enumerated().map { index, link in
            HostAnswer(
                host: link.host,
                result: link.result.mapError { $0.isSilent ? Self.noDaemon(tunnels.words(index)) : $0 })
        }
        return HostsPresentation(
            json: invocation.json, columns: invocation.columns, terminal: terminal, now: Clock.wall
        ).outcome(
            of: invocation.verb, answers)
    }
    private func run(
        _ invocation: Invocation, on host: String, _ path: Result<String, HostFailure>, _ tunnels: borrowing Tunnels
    ) -> Outcome {
        let failure: LinkFailure
        switch path {
        case .failure(let why): failure = LinkFailure(status: .noDaemon, message: why.message)
        case .success(let path):
            do throws(ClientError) {
                let place = SocketLocation(path: path, source: .option)
                if try answers(place, within: invocation.verb.replyLimit(grace: grace)) {
                    return try attempt(invocation, place)
                }
                failure = Self.noDaemon(tunnels.words(0))
            } catch {
                failure = LinkFailure(error)
            }
        }
        return Outcome(
            status: failure.status,
            errors: failure.faults + "supctl: \(DisplayText.safe("\(host): \(failure.message)"))\n")
    }

    /// Whether anybody answers at `place`; what else is wrong is said by what is asked next.
    private func answers(_ place: SocketLocation, within limit: Duration?) throws(ClientError) -> Bool {
        var connection = try connect(place, timeout: limit)
        do throws(ClientError) {
            _ = try connection.call(.supervisorPing, timeout: limit)
        } catch {
            return error != .closed
        }
        return true
    }

    /// ssh is let in before it looks for the socket there, and hangs up where nobody is behind it.
    private static func noDaemon(_ words: String) -> LinkFailure {
        let said = words.isEmpty ? "" : " (ssh: \(words))"
        return LinkFailure(
            status: .noDaemon,
            message:
                "no daemon at its socket there, or it does not let you in\(said); start one there, or give --socket PATH"
        )
    }
}

/// Why a host gave no answer.
struct LinkFailure: Error, Hashable {
    var status: ExitCode
    var message: String
    /// The faults of a configuration that it refused.
    var faults = ""
    /// Whether the connection was closed before anybody had said a word.
    var isSilent = false

    init(status: ExitCode, message: String) {
        self.status = status
        self.message = message
    }

    init(_ error: ClientError) {
        let outcome = Session.outcome(of: error)
        status = outcome.status
        message = error.words
        if case .refused(let refusal) = error { faults = FaultText.text(refusal) }
    }
}

/// A host's connection, on which one request is under way, behind one that tells whether anybody is there.
private final class HostLink {
    let host: String
    private let limit: Duration?
    private var connection: ControlConnection?
    /// What is under way: nil once it is answered.
    private var ping: RequestID?
    private var request: RequestID?
    private(set) var result = Result<JSONValue, LinkFailure>.failure(LinkFailure(status: .failed, message: ""))

    init(_ host: String, _ path: Result<String, HostFailure>, _ call: Request.Call, limit: Duration?) {
        self.host = host
        self.limit = limit
        switch path {
        case .failure(let why): result = .failure(LinkFailure(status: .noDaemon, message: why.message))
        case .success(let path):
            do throws(ClientError) {
                var connection = try ControlConnection(connectingTo: path)
                ping = try connection.begin(.supervisorPing, timeout: limit)
                let isOrder = call.method.map { $0.accessClass > .observe } ?? false
                request =
                    isOrder
                    ? try connection.giveOrder(call, timeout: limit) : try connection.begin(call, timeout: limit)
                self.connection = consume connection
            } catch {
                result = .failure(LinkFailure(error))
            }
        }
    }

    /// Waits for the answer until `deadline`, when there is none, but no longer than `moment`: false where it has not come by then.
    func hasAnswered(by deadline: MonotonicInstant?, orWithin moment: Duration) -> Bool {
        guard let request else { return true }
        let left = deadline.map { max(.zero, $0.duration(since: Clock.now)) }
        let wait = min(moment, left ?? moment)
        do throws(ClientError) {
            try takePing(within: wait)
            result = .success(try connection?.result(of: request, timeout: wait) ?? .null)
        } catch {
            if case .timedOut = error, left.map({ $0 > wait }) ?? true { return false }
            var failure = LinkFailure(error)
            if case .timedOut = error { failure = LinkFailure(.timedOut(after: limit ?? .zero)) }
            // Whoever has answered was there, and may do what was ordered.
            failure.isSilent = ping != nil && error == .closed
            result = .failure(failure)
        }
        self.request = nil
        return true
    }

    private func takePing(within limit: Duration) throws(ClientError) {
        guard let ping else { return }
        do throws(ClientError) {
            _ = try connection?.result(of: ping, timeout: limit)
        } catch {
            // What is refused of this one alone says that somebody is there.
            guard case .refused(let refusal) = error, refusal.kind == .notPermitted else { throw error }
        }
        self.ping = nil
    }
}

/// What one of several hosts has answered.
struct HostAnswer {
    var host: String
    var result: Result<JSONValue, LinkFailure>
}
