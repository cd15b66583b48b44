import SupdProtocol

/// An option of the command line.
struct OptionSpecification: Sendable {
    /// Every way to write it: `--lines`, `-n`. The first one names it in messages.
    var names: [String]
    /// What its value is called in the help; nil for one that takes none.
    var value: String?
    /// A line for the help, made where somebody wants to see it.
    var help: String { makeHelp() }
    private let makeHelp: @Sendable () -> String

    init(names: [String], value: String?, help: @autoclosure @escaping @Sendable () -> String) {
        self.names = names
        self.value = value
        makeHelp = help
    }

    var name: String { names[0] }

    /// The option that `argument` is, and the value that is attached to it; nil where there is no such option.
    static func named(_ argument: String) -> (option: Self, value: String?)? {
        let (name, value) = split(argument)
        return written(name).map { ($0, value) }
    }

    /// The option of a name. Those of every verb first, as mostly it is one of them: the others are made when they are looked through.
    static func written(_ name: String) -> Self? {
        common.first { $0.names.contains(name) } ?? all.first { $0.names.contains(name) }
    }

    /// `--lines=5` and `-n5` as name and value.
    static func split(_ argument: String) -> (name: String, value: String?) {
        if argument.hasPrefix("--") {
            guard let sign = argument.firstIndex(of: "=") else { return (argument, nil) }
            return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
        }
        let value = argument.dropFirst(2)
        return (String(argument.prefix(2)), value.isEmpty ? nil : String(value))
    }
}

extension OptionSpecification {
    static let socket = Self(names: ["--socket"], value: "PATH", help: "The daemon's control socket.")
    static let host = Self(
        names: ["--host", "-H"], value: "HOST",
        help: "Do it on another machine, over ssh: USER@HOST. Several: with commas, or the option again.")
    static let json = Self(
        names: ["--json"], value: nil,
        help: "Print the daemon's result as one JSON object, and nothing where there is none.")
    static let help = Self(names: ["--help", "-h"], value: nil, help: "Show this help.")
    static let version = Self(names: ["--version"], value: nil, help: "Show the version of supctl.")
    static let noWait = Self(names: ["--no-wait"], value: nil, help: "Do not wait until the order is carried out.")
    static let waitAsEver = Self(
        names: ["--wait"], value: nil, help: "Wait until the order is carried out, as without it.")
    static let wait = Self(names: ["--wait"], value: nil, help: "Wait until it is done, and print the report.")
    static let now = Self(names: ["--now"], value: nil, help: "Kill everything at once, as a third signal does.")
    static let watch = Self(
        names: ["--watch"], value: nil, help: "Show the table again whenever it changes, until the daemon ends.")
    static let timeout = Self(
        names: ["--timeout"], value: "DURATION", help: "How long to wait at most: 500ms, 30s, 2min, infinity.")
    static let lines = Self(
        names: ["--lines", "-n"], value: "N",
        help: "How many of the last lines of each service, 1 to 1000; \(LogsParams.standardLines) without it.")
    static let lastEvents = Self(
        names: lines.names, value: lines.value, help: "Only so many of the last events, 1 to 2048.")
    static let follow = Self(
        names: ["--follow", "-f"], value: nil, help: "Go on with what comes, until the daemon ends.")
    static let since = Self(
        names: ["--since"], value: "WHEN",
        help: "Only lines since then: how long ago (10min), or a time (2026-11-27T14:02:11Z).")
    static let sinceEvent = Self(names: since.names, value: "N", help: "Only events after the one of this number.")
    static let grep = Self(
        names: ["--grep"], value: "PATTERN",
        help: "Only lines that this extended regular expression matches; without capitals in any case.")
    static let standardError = Self(
        names: ["--stderr"], value: nil, help: "Only lines of a standard error with a pipe of its own (log.stderr).")
    static let journal = Self(
        names: ["--journal"], value: nil,
        help: "What the journal has of them, by journalctl(1): also of runs of supd before this one.")
    static let kind = Self(
        names: ["--kind"], value: "KIND",
        help:
            "Only events of this kind: \(EventKind.allCases.map(\.rawValue).joined(separator: ", ")). Several: with commas."
    )
    static let everything = Self(
        names: ["--all"], value: nil, help: "Every service.")
    static let standards = Self(
        names: everything.names, value: nil, help: "Also what holds without being said.")
    static let reverse = Self(names: ["--reverse"], value: nil, help: "Show what needs them instead.")
    static let `for` = Self(
        names: ["--for"], value: "CONDITION", help: "running, ready (without this), healthy, stopped or exited.")
    static let output = Self(
        names: ["--output", "-o"], value: "FIELD,…", help: "Print just these columns, with tabs and without a heading.")
    static let expect = Self(
        names: ["--expect"], value: "TOKEN", help: "Refuse to do anything else than the plan of this token.")
    static let `defer` = Self(
        names: ["--defer"], value: nil, help: "Leave running what would be restarted, until its next start.")

    /// What every verb takes, before or after its name.
    static let common: [Self] = [.socket, .host, .json, .help, .version]
    /// Every option there is: a name takes a value in every verb or in none, so that where a word belongs is known before the verb is.
    static let all: [Self] =
        common + [
            .noWait, .wait, .now, .watch, .timeout, .lines, .follow, .since, .grep, .standardError, .journal, .kind,
            .for, .everything,
            .reverse, .output,
            .expect, .defer,
        ]
}
