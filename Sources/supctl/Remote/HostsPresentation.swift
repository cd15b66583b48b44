import SupdConnection
import SupdJSON
import SupdPlugin
import SupdProtocol

/// What several hosts have answered to the same, as one thing.
struct HostsPresentation {
    var json: Bool
    /// `--output`: only these, behind the host, with a tab between them.
    var columns: [Field] = []
    var terminal: Terminal
    var now: WallTime

    /// Of services one table; else each host's own words, each line behind its name. Each host's failure is a row, and is said on
    /// standard error; it decides what is exited with.
    func outcome(of verb: Verb, _ answers: [HostAnswer]) -> Outcome {
        let presentation = Presentation(json: false, terminal: .none, now: now)
        var output = ""
        var errors = ""
        var statuses: [ExitCode] = []
        var rows: [StatusTable.HostRow] = []
        for answer in answers {
            let failure: LinkFailure
            switch answer.result {
            case .failure(let why): failure = why
            case .success(let result):
                do throws(ClientError) {
                    let outcome = try presentation.outcome(of: verb, result)
                    statuses.append(outcome.status)
                    errors += lines(outcome.errors.replacing(prefix: "supctl: "), of: answer.host, before: "supctl: ")
                    if !columns.isEmpty {
                        output += FieldText.text(columns, of: result).split(separator: "\n")
                            .map { "\(DisplayText.safe(answer.host))\t\($0)\n" }.joined()
                    } else if let services = try verb.services(in: result) {
                        let all = services.isEmpty ? [nil] : services.map(Optional.some)
                        rows += all.map { .init(host: answer.host, content: .success($0)) }
                    } else {
                        output += lines(outcome.output, of: answer.host, before: "")
                    }
                    continue
                } catch {
                    failure = LinkFailure(error)
                }
            }
            statuses.append(failure.status)
            rows.append(.init(host: answer.host, content: .failure(failure)))
            errors += failure.faults + "supctl: \(DisplayText.safe("\(answer.host): \(failure.message)"))\n"
        }
        if verb.isAboutServices, columns.isEmpty {
            output += StatusTable.text(ofHosts: rows, now: now, terminal: terminal)
        }
        let failed = statuses.filter { $0 != .done }
        return Outcome(status: .worst(of: failed), output: json ? document(answers, of: verb) : output, errors: errors)
    }

    private func lines(_ text: String, of host: String, before: String) -> String {
        text.split(separator: "\n").map { "\(before)\(DisplayText.safe(host)): \($0)\n" }.joined()
    }

    /// `{"hosts":[{"host":…,"result":…}]}`, with `error` in place of `result` where there is none.
    private func document(_ answers: [HostAnswer], of verb: Verb) -> String {
        let hosts = answers.map { answer in
            switch answer.result {
            case .success(let result):
                #"{"host":\#(JSONValue.string(answer.host)),"result":\#(verb.document(of: result))}"#
            case .failure(let failure):
                #"{"host":\#(JSONValue.string(answer.host)),"error":\#(JSONValue.string(failure.message))}"#
            }
        }
        return #"{"hosts":[\#(hosts.joined(separator: ","))]}"# + "\n"
    }
}

extension String {
    /// Without `prefix` at the beginning of each line.
    fileprivate func replacing(prefix: String) -> String {
        split(separator: "\n").map { ($0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : String($0)) + "\n" }
            .joined()
    }
}

extension Verb {
    /// What is shown of its result with `--json`: of lines those that were asked for.
    fileprivate func document(of result: JSONValue) -> String {
        guard case .logs(_, let lines, follow: false, let filter) = self, !filter.isAll,
            let log = try? LogRead(result: result)
        else { return result.description }
        var writer = JSONWriter()
        filter.filtered(log, lines: lines).encode(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Whether a row a service is shown of it.
    var isAboutServices: Bool {
        switch self {
        case .status, .order, .scale, .signal, .resetFailed: true
        default: false
        }
    }

    /// The services that its result is about; nil where it is about something else.
    fileprivate func services(in result: JSONValue) throws(ClientError) -> [ServiceStatus]? {
        guard isAboutServices else { return nil }
        if case .status = self { return try ServiceList(result: result).services }
        return try ServiceResults(result: result).services.map(\.status)
    }

    /// Whether one connection is watched or asked twice for it, which can be only one host's.
    var isForOneHost: Bool {
        switch self {
        case .tasks(watch: true), .shutdown(wait: true, _, _), .drain(wait: true, _), .events,
            .logs(_, _, follow: true, _), .wait, .top, .analyze(.criticalChain):
            true
        default: false
        }
    }
}
