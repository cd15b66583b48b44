import Glibc
import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// One run: finds the daemon, asks it, and says what came of it.
struct Session {
    var terminal: Terminal
    /// What the daemon is given beyond the time a request allows itself.
    var grace = Duration.seconds(10)
    /// Where what goes on is shown as it does.
    var output = Screen.none
    /// The file that this is: who follows something ends where nobody reads that any more; -1 for none.
    var outputDescriptor: Int32 = -1
    /// Where a drain that is waited for shows how far it is.
    var errors = Screen.none
    /// How often what is watched is looked at.
    var interval = Duration.milliseconds(250)
    /// What trees and marks are drawn with.
    var lines = TreeLines.of(Terminal.variable)

    func run(_ invocation: Invocation) -> Outcome {
        var outcome = ask(invocation)
        // This one is known whether a daemon answers or not.
        if case .version = invocation.verb, !invocation.json, outcome.output.isEmpty {
            outcome.output = Presentation.ownVersion
        }
        return outcome
    }

    private func ask(_ invocation: Invocation) -> Outcome {
        guard invocation.hosts.isEmpty else { return run(invocation, on: invocation.hosts) }
        if case .journal(let services, let query) = invocation.verb {
            return showJournal(query, of: services, invocation)
        }
        let place = SocketLocation.forThisProcess(option: invocation.socket)
        do throws(ClientError) {
            return try attempt(invocation, place)
        } catch {
            return Self.outcome(of: error, place: place, of: invocation.verb)
        }
    }

    /// Asks the daemon at `place`.
    func attempt(_ invocation: Invocation, _ place: SocketLocation) throws(ClientError) -> Outcome {
        let path = place.path
        Interruption.command = invocation.command
        let limit = invocation.verb.replyLimit(grace: grace)
        var connection = try connect(place, timeout: limit)
        let result: JSONValue
        switch invocation.verb {
        case .top(let services):
            var top = TopRun(services: services)
            return try top.run(&connection)
        case .tasks(watch: true):
            var watch = TaskWatch(
                json: invocation.json, screen: output, descriptor: outputDescriptor, interval: interval, timeout: limit)
            return try watch.run(&connection)
        case .shutdown(wait: true, _, _), .drain(wait: true, _):
            var watch = DrainWatch(screen: errors, interval: interval, path: path)
            result = try watch.result(of: invocation.verb.call, &connection, timeout: limit)
        case .order(_, _, wait: true, _), .scale, .apply:
            var watch = OrderWatch(screen: errors, patience: interval)
            result = try watch.result(of: invocation.verb, &connection, timeout: limit)
        case .logs(_, _, follow: true, _), .events:
            var follower = Follower(
                json: invocation.json, output: output, descriptor: outputDescriptor, errors: errors, path: path)
            return try follower.run(invocation.verb, &connection, timeout: limit)
        case .analyze(.criticalChain(let name)) where !invocation.json:
            // Also says that there is no such service.
            let meant: ServiceList? = try name.map { (name) throws(ClientError) in
                try connection.call(.serviceStatus(ServiceSelection(services: [name])), timeout: limit)
            }
            let timings: ServiceTimings = try connection.call(.serviceTiming(ServiceSelection()), timeout: limit)
            let graph = try ServiceDependencies(
                result: connection.call(
                    .serviceDependencies(DependencyParams(services: name.map { [$0] } ?? [], direction: .needs)),
                    timeout: limit))
            return Outcome(
                output: AnalysisText.criticalChain(
                    timings, graph.services, of: name, meaning: meant?.services.map(\.name) ?? [], lines: lines))
        case .wait(let services, let condition, let timeout):
            var watch = WaitWatch(condition: condition, json: invocation.json, screen: errors, path: path)
            return try watch.run(services, &connection, timeout: timeout, answer: limit)
        case .logs(let services, let lines, _, let filter) where !invocation.json || !filter.isAll:
            let log = try LogReading.read(services, lines: filter.looked(for: lines), &connection, timeout: limit)
            guard invocation.json else { return presentation(invocation).outcome(of: log, filter, asked: lines) }
            var writer = JSONWriter()
            filter.filtered(log, lines: lines).encode(into: &writer)
            writer.endLine()
            return Outcome(output: String(decoding: writer.bytes, as: UTF8.self))
        case .tree where !invocation.json && invocation.columns.isEmpty:
            var trees = try ServiceTrees(result: connection.call(invocation.verb.call, timeout: limit)).services
            try TreeReading.complete(&trees, &connection, timeout: limit)
            return Outcome(output: TreeText.text(trees, terminal: terminal))
        case .status(let services)
        where !services.isEmpty && !invocation.json && invocation.columns.isEmpty:
            return try cards(services, &connection, timeout: limit)
        default:
            result = try connection.call(invocation.verb.call, timeout: limit)
        }
        var outcome = try presentation(invocation).outcome(
            of: invocation.verb, result, columns: invocation.columns)
        if case .apply = invocation.verb, !invocation.json {
            outcome.errors += advice(on: try ConfigurationPlanReply(result: result), &connection)
        }
        if invocation.isBare, !invocation.json, terminal.isSeen {
            outcome.output += Hints.text(
                try ServiceList(result: result).services, command: invocation.command, terminal: terminal)
        }
        return outcome
    }

    /// So many of those that an apply could not bring up are looked at.
    private static let advised = 20

    /// What to do about what an apply could not bring up. It has its answer: what cannot be asked now is not said.
    private func advice(on plan: ConfigurationPlanReply, _ connection: inout ControlConnection) -> String {
        let names = plan.outcome?.failed.prefix(Self.advised).map(\.name) ?? []
        guard !names.isEmpty else { return "" }
        let list: ServiceList? = try? connection.call(
            .serviceStatus(ServiceSelection(services: names)), timeout: grace)
        return Advice.text(list?.services ?? [])
    }

    /// As things are now.
    private func presentation(_ invocation: Invocation) -> Presentation {
        Presentation(json: invocation.json, terminal: terminal, now: Clock.wall, lines: lines)
    }

    /// The cards of what is named, or the table where they are too many to be read.
    private func cards(
        _ selectors: [String], _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) -> Outcome {
        let presentation = Presentation(json: false, terminal: terminal, now: Clock.wall, lines: lines)
        let most = CardText.mostCards
        // What has led to it is for 'why', and mostly the longest of the answer.
        let question = WhyParams(services: selectors, changes: 0, atMost: most)
        let results: (first: JSONValue, second: JSONValue)
        do throws(ClientError) {
            results = try connection.call(
                .serviceWhy(question), and: .serviceTree(TreeParams(services: selectors, atMost: most)),
                timeout: timeout)
        } catch {
            guard case .refused(let refusal) = error, refusal.kind == .tooMany else { throw error }
            let list: ServiceList = try connection.call(
                .serviceStatus(ServiceSelection(services: selectors)), timeout: timeout)
            return presentation.status(list.services, named: true)
        }
        UntilTheEnd.keep(results)
        let why = try ServiceWhys(result: results.first).services
        // All that were meant have gone meanwhile.
        guard !why.isEmpty else { return presentation.status([], named: true) }
        let trees = try ServiceTrees(result: results.second).services
        return Outcome(
            status: presentation.code(of: why.lazy.map(\.status), named: true),
            output: CardText.text(why, trees: trees, now: presentation.now, terminal: terminal, marks: lines))
    }

    func connect(_ place: SocketLocation, timeout: Duration?) throws(ClientError) -> ControlConnection {
        let longest = ControlConnection.connectTimeout
        return try ControlConnection(connectingTo: place.path, timeout: min(timeout ?? longest, longest))
    }

    /// What `error` means for who asked for `verb`; where nobody listens, with advice about `place`.
    static func outcome(of error: ClientError, place: SocketLocation? = nil, of verb: Verb? = nil) -> Outcome {
        let text = "supctl: \(DisplayText.safe(error.words(as: verb?.name)))\n"
        switch error {
        case .refused(let refusal):
            return Outcome(status: ExitCode(refusal.kind), errors: FaultText.text(refusal) + text)
        case .noDaemon:
            return Outcome(status: .noDaemon, errors: text + (place.map(advice) ?? ""))
        case .noAccess(let path, _):
            let hint = AccessHint.text(path)
            return Outcome(status: .notPermitted, errors: text + "supctl: \(DisplayText.safe(hint))\n")
        case .badPath:
            return Outcome(status: .wrongUse, errors: text)
        case .notTaken:
            let hint = "supctl: supd is stopped, or very busy: nothing was asked of it\n"
            return Outcome(status: .timedOut, errors: text + hint)
        case .timedOut:
            let stands = verb?.isOrder == true ? ", and does what was ordered when it goes on" : ""
            return Outcome(status: .timedOut, errors: text + "supctl: supd is stopped, or very busy\(stands)\n")
        case .closed: return .connectionLost
        case .failed, .unreadable, .cancelled:
            return Outcome(status: .failed, errors: text)
        }
    }

    private static func advice(_ place: SocketLocation) -> String {
        whatIsThere(place.path) + """
            looked at: \(DisplayText.safe(place.description))
            Start a daemon with 'supd', or say where one listens with --socket PATH or SUPD_SOCKET.

            """
    }

    /// A folder, or what is no socket, answers as one does that nobody serves.
    private static func whatIsThere(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK else { return "" }
        let quoted = QuotedText.quote(path)
        guard status.st_mode & S_IFMT == S_IFDIR else { return "\(quoted) is no socket\n" }
        return "\(quoted) is a folder; perhaps \(QuotedText.quote("\(path)/control.sock")) is meant\n"
    }
}

extension Verb {
    /// What the daemon is asked.
    var call: Request.Call {
        switch self {
        case .status(let services), .top(let services), .journal(let services, _):
            .serviceStatus(ServiceSelection(services: services))
        case .why(let services): .serviceWhy(WhyParams(services: services))
        case .order(let order, let services, let wait, let timeout):
            order.call(OrderParams(services: services, wait: wait, timeout: timeout))
        case .scale(let params): .serviceScale(params)
        case .plan: .configPlan
        case .apply(let params): .configReload(params)
        case .tree(let services): .serviceTree(TreeParams(services: services))
        case .signal(let signal, let services, _): .serviceSignal(SignalParams(services: services, signal: signal))
        case .resetFailed(let services, _): .serviceResetFailed(ServiceSelection(services: services))
        case .shutdown(let wait, let timeout, let now):
            .supervisorShutdown(DrainParams(wait: wait, timeout: timeout, now: now))
        case .drain(let wait, let timeout): .supervisorDrain(DrainParams(wait: wait, timeout: timeout))
        case .resume: .supervisorResume
        case .tasks: .tasksList
        case .info: .supervisorStatus
        case .plugins: .pluginsList
        case .call(let call): .plugin(call)
        case .logs(let services, let lines, follow: true, let filter):
            .logsFollow(FollowParams(services: services, lines: filter.looked(for: lines)))
        case .logs(let services, let lines, follow: false, let filter):
            .logsRead(LogsParams(services: services, lines: filter.looked(for: lines)))
        // Who does not wait for what comes wants to see what was.
        case .events(let services, let since, let follow, let kinds, let last):
            .eventsSubscribe(
                EventParams(
                    services: services, kinds: kinds, since: since ?? (follow || last != nil ? nil : 0), last: last))
        case .cat(let services, _): .serviceDefinition(ServiceSelection(services: services))
        case .dependencies(let services, let reverse):
            .serviceDependencies(DependencyParams(services: services, direction: reverse ? .neededBy : .needs))
        case .analyze(.criticalChain(let name?)): .serviceTiming(ServiceSelection(services: [name]))
        case .analyze: .serviceTiming(ServiceSelection())
        case .wait(let services, _, _): .eventsSubscribe(EventParams(services: services, kinds: WaitWatch.kinds))
        case .reopenLogs(let services): .logsReopen(ServiceSelection(services: services))
        case .ping: .supervisorPing
        case .version: .supervisorVersion
        }
    }

    /// How long the reply may take. A request that waits is timed by the daemon, which has the better answer: which
    /// services were late. This is for a daemon that does not answer at all: little more than what was asked for.
    func replyLimit(grace: Duration) -> Duration? {
        func limit(_ timeout: Duration?) -> Duration? { timeout.map { $0 + min(grace, max(.seconds(1), $0 / 10)) } }
        return switch self {
        case .order(_, _, true, let timeout), .signal(_, _, let timeout), .resetFailed(_, let timeout),
            .shutdown(true, let timeout, _), .drain(true, let timeout):
            limit(timeout)
        case .scale(let params) where params.wait: limit(params.timeout)
        case .apply(let params) where params.wait: limit(params.timeout)
        case .wait(_, _, let timeout?): min(grace, max(.seconds(1), timeout))
        case .call: ProtocolLimits.pluginMethod + grace
        default:
            grace
        }
    }
}

extension Verb.Order {
    fileprivate func call(_ params: OrderParams) -> Request.Call {
        switch self {
        case .start: .serviceStart(params)
        case .stop: .serviceStop(params)
        case .restart: .serviceRestart(params)
        case .reload: .serviceReload(params)
        }
    }
}
