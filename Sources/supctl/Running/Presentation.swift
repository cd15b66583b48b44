import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Turns a result into what is printed and what is exited with.
struct Presentation {
    var json: Bool
    var terminal: Terminal
    var now: WallTime
    var lines = TreeLines.of(Terminal.variable)

    /// Throws `unreadable` where the result is not what the verb's method gives.
    /// `columns`, where there are any, are what is printed in place of the verb's own text.
    func outcome(of verb: Verb, _ result: JSONValue, columns: [Field] = []) throws(ClientError) -> Outcome {
        var outcome = try forPeople(verb, result)
        if !columns.isEmpty { outcome.output = FieldText.text(columns, of: result) }
        // The daemon's own words, and so with members that this supctl does not know.
        if json { outcome.output = result.description + "\n" }
        return outcome
    }

    private func forPeople(_ verb: Verb, _ result: JSONValue) throws(ClientError) -> Outcome {
        switch verb {
        case .status(let names):
            return status(try ServiceList(result: result).services, named: !names.isEmpty)
        case .why:
            return Outcome(
                output: WhyText.text(try ServiceWhys(result: result).services, now: now, terminal: terminal))
        case .tree:
            return Outcome(output: TreeText.text(try ServiceTrees(result: result).services, terminal: terminal))
        case .cat(_, let all):
            let services = try ServiceDefinitions(result: result).services
            return Outcome(output: DefinitionText.text(services, showsStandards: all))
        case .dependencies(_, let reverse):
            let services = try ServiceDependencies(result: result).services
            return Outcome(
                output: DependencyText.text(services, isReversed: reverse, terminal: terminal, lines: lines))
        case .analyze(let analysis):
            let timings = try ServiceTimings(result: result)
            return Outcome(
                output: analysis == .blame ? AnalysisText.blame(timings) : AnalysisText.summary(timings))
        case .plan:
            return plan(try ConfigurationPlanReply(result: result))
        case .apply(let params):
            let plan = try ConfigurationPlanReply(result: result)
            return applied(plan, waited: params.wait, isDeferred: params.deferred)
        case .order, .scale, .signal, .resetFailed:
            return results(try ServiceResults(result: result).services)
        case .shutdown(wait: true, _, _), .drain(wait: true, _):
            let report = try DrainReport(result: result)
            return Outcome(output: ReportText.text(report, terminal: terminal))
        case .shutdown, .drain, .resume, .ping:
            let state = try Acknowledgement(result: result).state
            return Outcome(output: "supd is \(DisplayText.safe(state.rawValue))\n")
        case .tasks:
            return Outcome(output: TaskTable.text(try TaskList(result: result), terminal: terminal))
        case .info:
            return Outcome(output: InfoText.text(try SupervisorStatus(result: result), terminal: terminal))
        case .plugins:
            let page = Page(terminal)
            let lines = try PluginList(result: result).text.split(separator: "\n", omittingEmptySubsequences: false)
            return Outcome(output: lines.dropLast().map { page.entry(DisplayText.safe(String($0))) }.joined())
        case .call:
            return Outcome(output: result.description + "\n")
        case .logs(_, let lines, _, let filter):
            return outcome(of: try LogRead(result: result), filter, asked: lines)
        case .events, .wait, .top, .journal:
            // They are no result: `Follower`, `WaitWatch`, `TopRun` and journalctl show what comes.
            return Outcome()
        case .reopenLogs:
            let count = try ReopenedLogs(result: result).files
            return Outcome(output: "\(plural(count, "log file")) opened anew\n")
        case .version:
            let daemon = try VersionInfo(result: result)
            let other = "supd \(DisplayText.safe(daemon.version)), protocol \(daemon.protocolVersion)"
            return Outcome(output: "\(Self.ownVersion)\(other)\n")
        }
    }

    /// A line about supctl itself.
    static let ownVersion = "supctl \(VersionInfo.current), protocol \(ProtocolLimits.version)\n"

    /// The lines that `filter` lets pass, of which `count` were asked for, and why there are fewer.
    func outcome(of log: LogRead, _ filter: LogFilter, asked count: Int) -> Outcome {
        let log = filter.filtered(log, lines: count)
        return Outcome(
            output: LogText.text(log, hasColour: terminal.hasColour),
            errors: LogText.warnings(log, asked: count, ofErrors: filter.isOfErrors))
    }

    func status(_ services: [ServiceStatus], named: Bool) -> Outcome {
        Outcome(
            status: code(of: services, named: named),
            output: StatusTable.text(services, now: now, terminal: terminal))
    }

    /// Somebody who names services asks whether they are up; somebody who names none, whether anything is not as it was ordered.
    func code(of services: some Sequence<ServiceStatus>, named: Bool) -> ExitCode {
        let isFine = services.allSatisfy { service in
            service.isUp || (!named && (service.desired.known == .down || service.state.known == .starting))
        }
        return isFine ? .done : .notRunning
    }

    private func results(_ results: [ServiceResult]) -> Outcome {
        var errors = RefusalText.text(results)
        let statuses = results.compactMap { $0.error.map { ExitCode($0.kind) } }
        errors += Advice.text(results.filter { $0.error?.kind == .failed }.map(\.status))
        return Outcome(
            status: .worst(of: statuses),
            output: StatusTable.text(results.map(\.status), now: now, terminal: terminal), errors: errors)
    }
}

extension ServiceStatus {
    /// Running, or a oneshot that has done its work.
    var isUp: Bool {
        state.known == .running || (state.known == .exited && type.known == .oneshot && (ready || lastExit?.code == 0))
    }
}
