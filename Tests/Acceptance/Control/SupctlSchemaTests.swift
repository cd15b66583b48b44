import SupdProtocol
import Testing

/// What supctl itself says to a daemon, and is told, is what the schema of the protocol has.
@Suite(.daemons)
struct SupctlSchemaTests {
    private static let configuration =
        TOML.service("web", ["/bin/sh", "-c", "echo up; exec sleep 1000"], #"tags = ["front"]"#)
        + TOML.child("worker", ["wait"], #"requires = ["web"]"#, #"exec_reload = "/bin/true""#)
        + TOML.service("broken", ["/no/such/program"], "start_limit_burst = 1")

    /// A line for each verb, but for those that go on until they are ended. The daemon is gone after the last.
    private static let lines = [
        "status", "status web", "why web", "start web --no-wait", "restart worker", "reload worker",
        "scale worker=2 --timeout 20s", "plan", "apply", "tree", "signal CONT tag:front", "reset-failed broken",
        "logs web",
        "logs --since 1h web", "events -n 3 --kind state,order", "cat --all web", "list-dependencies --reverse",
        "analyze", "analyze blame", "analyze critical-chain", "wait web --for running --timeout 20s", "reopen-logs",
        "tasks",
        "info", "plugins", "call schedule.list {}", "ping", "version", "stop --all", "drain --wait --timeout 20s",
        "resume",
        "shutdown --wait",
    ]

    @Test func whatSupctlSaysIsAsTheSchemaHasIt() async throws {
        let help = try await run(Programs.supctl, ["help"]).output
        let verbs = help.split(separator: "\n").drop { $0 != "Verbs:" }.dropFirst().prefix { $0.hasPrefix("  ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        let used = Self.lines.compactMap { $0.split(separator: " ").first.map(String.init) } + ["top"]
        #expect(Set(used) == Set(verbs))

        try await withDaemon(Self.configuration + "[plugins.schedule]\nschedules = []\n", untilReady: false) { daemon in
            try await daemon.serves()
            let proxy = try SchemaProxy(at: daemon.folder.path("proxy.sock"), before: daemon.socket)
            let environment = ["SUPD_SOCKET": proxy.path, "PATH": "/usr/bin:/bin"]
            let shell = try await ShellSession(
                environment: ["SUPD_SOCKET": proxy.path, "PATH": "\(Programs.folder):/usr/bin:/bin", "TERM": "xterm"])
            try shell.type("stty rows 24 cols 80; supctl top")
            try await shell.sees("; CPU ")
            try shell.press("q")
            await shell.close()
            // These see all that comes of the lines.
            async let events = run(Programs.supctl, ["events", "-f"], environment: environment, within: 60)
            async let logs = run(Programs.supctl, ["logs", "-f"], environment: environment, within: 60)
            for line in Self.lines {
                let output = try await run(
                    Programs.supctl, line.split(separator: " ").map(String.init), environment: environment, within: 30)
                // Wrong use and no answer are no talk; that a service has failed is.
                #expect(![2, 69, 75].contains(output.code), "\(line): \(output)")
            }
            let ended = try await [events, logs].map(\.code)
            #expect(ended == [69, 69])
            #expect(try await daemon.ended() == .exited(0))
            #expect(proxy.problems == [])
            let methods = Set(Method.allCases.map(\.rawValue))
            #expect(methods.subtracting(proxy.methods) == [])
        }
    }
}
