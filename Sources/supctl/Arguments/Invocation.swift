import SupdPlugin
import SupdProtocol

/// What the command line asks for, whoever has parsed it.
struct Invocation: Hashable {
    /// `--socket`.
    var socket: String?
    /// `--json`: the daemon's result as it came, instead of what a person reads.
    var json = false
    /// `--host`: the machines on which it is done; none for this one.
    var hosts: [String] = []
    /// `--output`: only these columns, in place of the table.
    var columns: [Field] = []
    /// Whether there was not even a verb: whoever does not know how to go on is told.
    var isBare = false
    var verb: Verb

    /// How the same daemon is asked something else: `supctl`, with where that is.
    var command: String {
        if !hosts.isEmpty { return "supctl -H \(DisplayText.safe(hosts.joined(separator: ",")))" }
        return socket.map { "supctl --socket \(DisplayText.safe($0))" } ?? "supctl"
    }
}

/// The verbs with what they take.
enum Verb: Hashable {
    case status(services: [String])
    case why(services: [String])
    case order(Order, services: [String], wait: Bool, timeout: Duration?)
    case scale(ScaleParams)
    case plan
    case apply(ReloadParams)
    case tree(services: [String])
    case top(services: [String])
    case signal(Signal, services: [String], timeout: Duration?)
    case resetFailed(services: [String], timeout: Duration?)
    case shutdown(wait: Bool, timeout: Duration?, now: Bool)
    case drain(wait: Bool, timeout: Duration?)
    case resume
    case tasks(watch: Bool)
    case info
    case plugins
    case call(PluginCall)
    case logs(services: [String], lines: Int, follow: Bool = false, filter: LogFilter = LogFilter())
    case journal(services: [String], JournalQuery)
    case events(services: [String], since: UInt64?, follow: Bool, kinds: [EventKind] = [], last: Int? = nil)
    case reopenLogs(services: [String])
    case cat(services: [String], all: Bool)
    case dependencies(services: [String], reverse: Bool)
    case analyze(Analysis)
    case wait(services: [String], condition: Condition, timeout: Duration?)
    case ping
    case version

    enum Order: Hashable {
        case start, stop, restart, reload
    }
}

/// What `wait` can wait for.
enum Condition: String, CaseIterable {
    /// Its state is RUNNING.
    case running
    /// It can do its work, or is a oneshot that has done it.
    case ready
    /// Nothing of it runs, for whatever reason.
    case stopped
    /// Its health probe says so.
    case healthy
    /// It has ended by itself and is not run again.
    case exited
}

/// What `analyze` looks at.
enum Analysis: Hashable {
    /// The start as a whole.
    case summary
    /// What took longest.
    case blame
    /// What a service waited for; the one that was up last where none is named.
    case criticalChain(of: String?)
}
