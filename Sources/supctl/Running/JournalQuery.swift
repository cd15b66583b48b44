import Glibc
import SupdConnection
import SupdPlugin
import SupdProtocol

/// `logs --journal`: what the journal has of services, their lines and what supd said of them. journalctl(1) shows it.
struct JournalQuery: Hashable {
    var lines: Int
    var follow = false
    var since: WallTime?
    var pattern: String?
    /// Only lines of a standard error with a pipe of its own.
    var isOfErrors = false

    /// The arguments of journalctl for what `selectors` mean, none for all; `known` are the instances that they mean, nil where there is no
    /// daemon to say that.
    func arguments(_ selectors: [String], known: [ServiceStatus]?, json: Bool) -> [String] {
        // Which one supd's unit writes to (LogNamespace=) is not known here.
        var arguments = ["--namespace=*", "--no-pager", "--lines=\(lines)"]
        if follow { arguments.append("--follow") }
        if json { arguments.append("--output=json") }
        if let since { arguments.append("--since=@\(since.nanoseconds / 1_000_000_000)") }
        if let pattern { arguments.append("--grep=\(pattern)") }
        let stream = isOfErrors ? ["SUPD_STREAM=stderr"] : []
        let groups = matches(selectors, known).map { $0 + stream }
        return arguments + groups.joined(separator: ["+"])
    }

    /// The services that are named whole, and the instances: of one field any value fits, and of two it would take both.
    private func matches(_ selectors: [String], _ known: [ServiceStatus]?) -> [[String]] {
        var services: [String] = []
        var instances: [String] = []
        for name in selectors.compactMap({ ServiceSelector($0).exactName }) {
            let isService = known.map { $0.contains { $0.service == name } } ?? !name.contains("@")
            if isService { services.append(name) } else { instances.append(name) }
        }
        for status in known ?? [] where !services.contains(status.service) && !instances.contains(status.name) {
            // Of all services also the instances that are not there any more.
            if selectors.isEmpty { services.append(status.service) } else { instances.append(status.name) }
        }
        return [services.map { "SUPD_SERVICE=\($0)" }, instances.map { "SUPD_INSTANCE=\($0)" }].filter { !$0.isEmpty }
    }

    /// Has journalctl take this process's place. Answers only where it could not.
    static func run(_ arguments: [String]) -> Outcome {
        var words = (["journalctl"] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        execvp("journalctl", &words)
        let error = ErrorNumber(errno)
        let advice =
            error.rawValue == ENOENT
            ? "is not here, where there may be no journal; without --journal 'logs' shows the lines that supd has in memory"
            : "cannot be started: \(error)"
        return Outcome(status: .failed, errors: "supctl: journalctl(1), which 'logs --journal' runs, \(advice)\n")
    }
}

extension Session {
    /// `logs --journal`. The journal is there without a daemon, too: names are taken as they are then.
    func showJournal(_ query: JournalQuery, of selectors: [String], _ invocation: Invocation) -> Outcome {
        let place = SocketLocation.forThisProcess(option: invocation.socket)
        var known: [ServiceStatus]?
        do throws(ClientError) {
            var connection = try connect(place, timeout: grace)
            let list: ServiceList = try connection.call(
                .serviceStatus(ServiceSelection(services: selectors)), timeout: grace)
            known = list.services
            guard !list.services.isEmpty else { return Outcome(output: invocation.json ? "" : "no services\n") }
        } catch {
            let isNamed = !selectors.isEmpty && selectors.allSatisfy { ServiceSelector($0).exactName != nil }
            guard case .noDaemon = error, isNamed else { return Self.outcome(of: error, place: place) }
        }
        return JournalQuery.run(query.arguments(selectors, known: known, json: invocation.json))
    }
}
