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
        let links = zip(hosts, paths).map { host, path in
            HostLink(host, path, invocation.verb, limit: limit, grace: grace)
        }
        // All are at work by now, and have the same time.
        let deadline = limit.map { Clock.now.advanced(by: $0) }
        var watch = HostWatch(errors)
        for (index, link) in links.enumerated() {
            while !link.hasAnswered(by: deadline, orWithin: interval) {
                // Those that have answered are read at once: a daemon waits for no client that does not.
                let open = links[index...].filter { !$0.hasAnswered(by: deadline, orWithin: .zero) }
                if watch.isDue { watch.show("waiting for \(open.map(\.host).named(atMost: 3))") }
            }
        }
        watch.end()
        for link in links { link.complete(invocation) }
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
        var hasAnswered = false
        switch path {
        case .failure(let why): failure = LinkFailure(status: .noDaemon, message: why.message)
        case .success(let path):
            do throws(ClientError) {
                let place = SocketLocation(path: path, source: .option)
                if try answers(place) {
                    hasAnswered = true
                    return try attempt(invocation, place)
                }
                failure = Self.noDaemon(tunnels.words(0))
            } catch {
                failure = LinkFailure(error, of: hasAnswered ? invocation.verb : nil)
            }
        }
        return Outcome(
            status: failure.status,
            errors: failure.faults + "supctl: \(DisplayText.safe("\(host): \(failure.message)"))\n")
    }

    /// Whether anybody answers at `place`; what he refuses is said of what is asked next. Nothing was asked of one that does not in time.
    private func answers(_ place: SocketLocation) throws(ClientError) -> Bool {
        var connection = try connect(place, timeout: grace)
        do throws(ClientError) {
            _ = try connection.call(.supervisorPing, timeout: grace)
        } catch {
            switch error {
            case .closed: return false
            case .timedOut(let limit): throw .notTaken(path: place.path, after: limit)
            default: break
            }
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

    /// `verb` is what was asked of whoever has answered something; nil where nobody has.
    init(_ error: ClientError, of verb: Verb? = nil) {
        let outcome = Session.outcome(of: error)
        status = outcome.status
        switch error {
        case .refused(let refusal):
            message = error.words
            faults = FaultText.text(refusal)
        // The socket's path is one of this machine.
        case .notTaken: message = "supd there is stopped, or very busy: nothing was asked of it"
        case .timedOut:
            let stands = verb?.isOrder == true ? ", and does what was ordered when it goes on" : ""
            message = "\(error.words): supd there is stopped, or very busy\(stands)"
        default: message = error.words
        }
    }
}

/// A host's connection, on which one request is under way, behind one that tells whether anybody is there.
private final class HostLink {
    let host: String
    private let verb: Verb
    private let limit: Duration?
    /// How long the answer to the ping may take, and when that is over.
    private let grace: Duration
    private let pingedUntil: MonotonicInstant
    private var connection: ControlConnection?
    /// What is under way: nil once it is answered.
    private var ping: RequestID?
    private var request: RequestID?
    private(set) var result = Result<JSONValue, LinkFailure>.failure(LinkFailure(status: .failed, message: ""))

    init(_ host: String, _ path: Result<String, HostFailure>, _ verb: Verb, limit: Duration?, grace: Duration) {
        self.host = host
        self.verb = verb
        self.limit = limit
        self.grace = grace
        pingedUntil = Clock.now.advanced(by: grace)
        switch path {
        case .failure(let why): result = .failure(LinkFailure(status: .noDaemon, message: why.message))
        case .success(let path):
            do throws(ClientError) {
                var connection = try ControlConnection(connectingTo: path)
                let held = Interruption()
                defer { held.letGo() }
                ping = try connection.begin(.supervisorPing, timeout: limit)
                request = try connection.begin(verb.call, timeout: limit)
                if verb.isOrder { Interruption.sayThatTheOrderStands(on: host) }
                self.connection = consume connection
            } catch {
                result = .failure(LinkFailure(error))
            }
        }
    }

    /// Waits for the answer until `deadline`, when there is none, but no longer than `moment`: false where it has not come by then.
    func hasAnswered(by deadline: MonotonicInstant?, orWithin moment: Duration) -> Bool {
        guard let request else { return true }
        let end = ping == nil ? deadline : min(deadline ?? pingedUntil, pingedUntil)
        let left = end.map { max(.zero, $0.duration(since: Clock.now)) }
        let wait = min(moment, left ?? moment)
        do throws(ClientError) {
            try takePing(within: wait)
            result = .success(try connection?.result(of: request, timeout: wait) ?? .null)
        } catch {
            if case .timedOut = error, left.map({ $0 > wait }) ?? true { return false }
            var why = error
            if case .timedOut = error {
                why = .timedOut(after: ping == nil ? limit ?? grace : min(limit ?? grace, grace))
            }
            // What was sent is done by whoever is there, also where he has answered nothing yet.
            var failure = LinkFailure(why, of: verb)
            failure.isSilent = ping != nil && error == .closed
            result = .failure(failure)
        }
        self.request = nil
        return true
    }

    /// Adds what one answer had no room for, as for one host.
    func complete(_ invocation: Invocation) {
        guard case .success(let value) = result, var connection = connection.take() else { return }
        do throws(ClientError) {
            switch verb {
            case .logs(_, let lines, follow: false, let filter) where !invocation.json || !filter.isAll:
                var log = try LogRead(result: value)
                try LogReading.complete(&log, lines: filter.looked(for: lines), &connection, timeout: limit)
                result = .success(try JSONValue(written: log))
            case .tree where !invocation.json && invocation.columns.isEmpty:
                var trees = try ServiceTrees(result: value)
                try TreeReading.complete(&trees.services, &connection, timeout: limit)
                result = .success(try JSONValue(written: trees))
            default: break
            }
        } catch {
            result = .failure(LinkFailure(error, of: verb))
        }
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

extension JSONValue {
    /// What a reply is written as.
    fileprivate init(written reply: some WireValue) throws(ClientError) {
        var writer = JSONWriter()
        reply.encode(into: &writer)
        do throws(JSONParseError) {
            self = try JSONValue(parsing: writer.bytes, limits: .document)
        } catch {
            throw .unreadable(WireError(path: "", problem: "\(error)"))
        }
    }
}

extension Verb {
    /// Whether it changes something: an order stands, whoever waits for it.
    var isOrder: Bool {
        // That is for those who may change things, and changes nothing.
        if case .plan = self { return false }
        return call.method.map { $0.accessClass > .observe } ?? false
    }
}

/// What one of several hosts has answered.
struct HostAnswer {
    var host: String
    var result: Result<JSONValue, LinkFailure>
}
