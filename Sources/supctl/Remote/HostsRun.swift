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
            tunnels = try Tunnels()
        } catch {
            return Outcome(status: .failed, errors: "supctl: \(DisplayText.safe(error.message))\n")
        }
        let paths = tunnels.open(hosts, socket: invocation.socket, errors)
        guard hosts.count > 1 else { return run(invocation, on: hosts[0], paths[0], tunnels) }
        var links: [HostLink] = []
        for (index, host) in hosts.enumerated() {
            links.append(
                HostLink(host, paths[index], invocation.verb.call, limit: invocation.verb.replyLimit(grace: grace)))
        }
        // All are at work by now.
        let answers = links.enumerated().map { index, link in
            HostAnswer(
                host: link.host,
                result: link.result().mapError { $0.isSilent ? Self.noDaemon(tunnels.words(index)) : $0 })
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
                return try attempt(invocation, SocketLocation(path: path, source: .option))
            } catch {
                let own = LinkFailure(error)
                failure = own.isSilent ? Self.noDaemon(tunnels.words(0)) : own
            }
        }
        return Outcome(
            status: failure.status,
            errors: failure.faults + "supctl: \(DisplayText.safe("\(host): \(failure.message)"))\n")
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
    /// Whether the connection was closed without a word.
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
        isSilent = error == .closed
    }
}

/// A host's connection, on which one request is under way.
private final class HostLink {
    let host: String
    private let limit: Duration?
    private var connection: ControlConnection?
    private var begun: Result<RequestID, LinkFailure>

    init(_ host: String, _ path: Result<String, HostFailure>, _ call: Request.Call, limit: Duration?) {
        self.host = host
        self.limit = limit
        begun = .failure(LinkFailure(status: .failed, message: ""))
        switch path {
        case .failure(let why): begun = .failure(LinkFailure(status: .noDaemon, message: why.message))
        case .success(let path):
            do throws(ClientError) {
                var connection = try ControlConnection(connectingTo: path)
                begun = .success(try connection.begin(call, timeout: limit))
                self.connection = consume connection
            } catch {
                begun = .failure(LinkFailure(error))
            }
        }
    }

    func result() -> Result<JSONValue, LinkFailure> {
        switch begun {
        case .failure(let failure): return .failure(failure)
        case .success(let id):
            do throws(ClientError) {
                return .success(try connection?.result(of: id, timeout: limit) ?? .null)
            } catch {
                return .failure(LinkFailure(error))
            }
        }
    }
}

/// What one of several hosts has answered.
struct HostAnswer {
    var host: String
    var result: Result<JSONValue, LinkFailure>
}
