import SupdPlugin
import SupdProtocol
import Testing

@testable import supctl

@Suite struct CompletionTests {
    /// What is offered after a line, whose last word is being typed, where these services run.
    private func words(_ line: String, live: LiveNames? = nil) -> [String] {
        let typed = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        return Completion(live: { _, _ in live ?? Self.names }).candidates(typed).map(\.word)
    }

    private static let names: LiveNames = {
        var proxy = status(instance("proxy"), .running)
        proxy.tags = ["front"]
        let plugin = PluginStatus(
            name: "lb", version: "1", summary: "Balances.", brings: ["job sweep", "method plugin.lb.state"], options: []
        )
        return LiveNames(
            [status(instance("web", 1), .running), status(instance("web", 2), .fatal), proxy],
            PluginList(plugins: [plugin]))
    }()

    @Test(arguments: [
        ("st", ["status", "start", "stop"]), ("hel", ["help"]), ("help pi", ["ping"]), ("help ping ", []),
        ("nonsense ", []), ("stop --nonsense ", []), ("plan ", []), ("plan x", []),
        ("status w", ["web", "web@*", "web@1", "web@2"]), ("status web@1 web@", ["web@*", "web@2"]),
        ("status t", ["tag:front"]), ("stop state:r", ["state:running"]),
        ("stop ", ["web", "web@*", "web@1", "web@2", "proxy", "tag:front", "state:running", "state:fatal"]),
        ("scale ", ["web=", "proxy="]), ("scale web=2 ", []), ("signal SIGUS", ["SIGUSR1", "SIGUSR2"]),
        ("signal HUP pro", ["proxy"]), ("call ", ["lb.state"]), ("call lb.state ", []),
        ("stop --ti", ["--timeout"]), ("stop --timeout inf", ["infinity"]),
        ("stop --timeout=inf", ["--timeout=infinity"]),
        ("stop --timeout 3s pro", ["proxy"]), ("--socket ", [":files"]), ("--socket=/ru", [":files"]),
        ("-H ", [":hosts"]), ("--host=we", [":hosts"]),
        ("status --lines", []), ("status -o rea", ["ready", "reason"]),
        ("status -o name,pid,na", []), ("status --output=name,desc", ["--output=name,description"]),
        ("tasks -o ki", ["kind"]), ("ping -o na", []), ("logs -f --fo", []), ("logs -f -n 5 pro", ["proxy"]),
        ("logs -n", ["-n"]),
        ("events --kind order,ap", ["order,apply"]), ("events --kind=order,or", []), ("stop --all ", []),
        ("signal --all HUP ", []), ("cat --all pro", ["proxy"]), ("analyze blame ", []),
        ("analyze critical-chain pro", ["proxy"]), ("analyze critical-chain proxy ", []), ("top --json ", []),
        ("status -- --j", []), ("--json st", ["status", "start", "stop"]),
        ("-", ["--socket", "--host", "--json", "--help", "--version"]),
    ])
    func whatFitsIsOffered(_ line: String, expected: [String]) {
        #expect(words(line) == expected)
    }

    @Test func withoutADaemonThereAreNoNames() {
        let none = LiveNames()
        for line in ["status ", "scale ", "call "] { #expect(words(line, live: none) == []) }
        #expect(words("stop --so", live: none) == ["--socket"])
    }

    /// And it is asked for no more than can stand there.
    @Test(arguments: [("status", LiveNames.Kind.services), ("scale", .services), ("call", .methods)])
    func theDaemonIsTheOneOfTheLine(_ verb: String, kind: LiveNames.Kind) {
        var asked: [String?] = []
        var kinds: [LiveNames.Kind] = []
        _ = Completion(live: {
            kinds.append($0)
            asked.append($1)
            return Self.names
        }).candidates(["--socket", "/s", verb, ""])
        #expect(asked == ["/s"] && kinds == [kind])
    }

    @Test func everyVerbAndOptionIsOffered() {
        #expect(words("") == VerbSpecification.all.map(\.name) + ["help"])
        for verb in VerbSpecification.all {
            for option in verb.options + OptionSpecification.common {
                #expect(words("\(verb.name) \(option.name)").contains(option.name), "\(verb.name) \(option.name)")
            }
        }
    }
}
