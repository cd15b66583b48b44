import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Turns a result into what is printed and what is exited with.
struct Presentation {
    var json: Bool
    var terminal: Terminal
    var now: WallTime

    /// Throws `unreadable` where the result is not what the verb's method gives.
    func outcome(of verb: Verb, _ result: JSONValue) throws(ClientError) -> Outcome {
        var outcome = try forPeople(verb, result)
        // The daemon's own words, and so with members that this supctl does not know.
        if json { outcome.output = result.description + "\n" }
        return outcome
    }

    private func forPeople(_ verb: Verb, _ result: JSONValue) throws(ClientError) -> Outcome {
        switch verb {
        case .status(let names):
            return status(try decode(result, as: ServiceList.self).services, named: !names.isEmpty)
        case .order, .signal, .resetFailed:
            return results(try decode(result, as: ServiceResults.self).services)
        case .shutdown(wait: true, _), .drain(wait: true, _):
            let report = try decode(result, as: DrainReport.self)
            return Outcome(output: ReportText.text(report, terminal: terminal))
        case .shutdown, .drain, .ping:
            let state = try decode(result, as: Acknowledgement.self).state
            return Outcome(output: "supd is \(state.rawValue)\n")
        case .tasks:
            return Outcome(output: TaskTable.text(try decode(result), terminal: terminal))
        case .logs:
            let log = try decode(result, as: LogRead.self)
            return Outcome(output: LogText.text(log), errors: LogText.warnings(log))
        case .version:
            let daemon = try decode(result, as: VersionInfo.self)
            let own = "supctl \(VersionInfo.current), protocol \(ProtocolLimits.version)"
            let other = "supd \(DisplayText.safe(daemon.version)), protocol \(daemon.protocolVersion)"
            return Outcome(output: "\(own)\n\(other)\n")
        }
    }

    private func status(_ services: [ServiceStatus], named: Bool) -> Outcome {
        // Somebody who names services asks whether they are up; somebody who names none wants to look.
        let isFine = !named || services.allSatisfy(\.isUp)
        return Outcome(
            status: isFine ? .done : .notRunning,
            output: StatusTable.text(services, now: now, terminal: terminal))
    }

    private func results(_ results: [ServiceResult]) -> Outcome {
        var errors = ""
        var statuses: [ExitCode] = []
        for result in results {
            guard let error = result.error else { continue }
            errors += "supctl: \(DisplayText.safe("\(result.status.name): \(error)"))\n"
            statuses.append(ExitCode(error.kind))
        }
        return Outcome(
            status: .worst(of: statuses),
            output: StatusTable.text(results.map(\.status), now: now, terminal: terminal), errors: errors)
    }

    private func decode<T: WireValue>(_ result: JSONValue, as: T.Type = T.self) throws(ClientError) -> T {
        do throws(WireError) {
            return try T(from: result)
        } catch {
            throw .unreadable(error)
        }
    }
}

extension ServiceStatus {
    /// Running, or a oneshot that has done its work.
    var isUp: Bool {
        state == .running || (state == .exited && type == .oneshot && (ready || lastExit?.code == 0))
    }
}
