import Glibc
import Testing

/// The clients in `contrib/examples`, which were written by docs/protocol.md.
@Suite(.daemons)
struct ExampleClientsTests {
    /// One of them, where this machine has what it needs.
    struct Client: Sendable, CustomTestStringConvertible {
        var name: String
        var needs: [String]

        var testDescription: String { name }
        private var path: String { "\(Programs.root)/contrib/examples/\(name)" }

        private func environment(_ socket: String, _ timeout: Int) -> [String: String] {
            [
                "PATH": "/usr/local/bin:/usr/bin:/bin", "SUPD_SOCKET": socket, "TIMEOUT": "\(timeout)",
                "LC_ALL": "C.UTF-8",
            ]
        }

        func requirePrograms() throws {
            for program in needs where Programs.find(program) == nil { try Test.cancel("\(program) is not installed") }
        }

        func run(_ arguments: String..., socket: String, timeout: Int = 60) async throws -> Output {
            let environment = environment(socket, timeout)
            return try await AcceptanceTests.run(path, arguments, environment: environment, within: 90)
        }

        /// One that goes on until the daemon is gone; its lines are put into `shown`.
        func begin(_ arguments: [String], socket: String, _ shown: Facts<String>) throws -> (
            ChildProcess, Task<Void, Never>
        ) {
            let output = try Descriptor.pipe()
            let process = try ChildProcess(
                path, arguments, environment: environment(socket, 60), output: output.writing)
            return (process, shown.recordLines(of: output.reading))
        }
    }

    static let clients = [
        Client(name: "client.sh", needs: ["socat", "jq"]), Client(name: "client.py", needs: ["python3"]),
    ]

    private static let configuration =
        TOML.child("web", ["wait"])
        + TOML.child(
            "never", ["wait"], "enabled = false", #"ready = { type = "exec", command = "/bin/false", period = "10s" }"#,
            #"timeout_start = "infinity""#)
        + TOML.child("crash", ["exit", "3"], "enabled = false", #"restart = "no""#, #"min_uptime = "30s""#)

    @Test(arguments: clients) func itAsksAndOrders(_ client: Client) async throws {
        try client.requirePrograms()
        try await withDaemon(Self.configuration) { daemon in
            let proxy = try SchemaProxy(at: daemon.folder.path("proxy.sock"), before: daemon.socket)
            let all = try await client.run("status", socket: proxy.path)
            #expect(all.code == 0 && all.output == "web RUNNING\nnever STOPPED\ncrash STOPPED\n", "\(all)")
            let before = try await daemon.service("web").requirePID()
            let restarted = try await client.run("restart", "web", socket: proxy.path)
            #expect(proxy.problems == [] && proxy.methods == ["service.status", "service.restart"])
            #expect(restarted.code == 0 && restarted.output == "web RUNNING\n", "\(restarted)")
            #expect(try await daemon.service("web").requirePID() != before)
        }
    }

    @Test(arguments: clients) func itSaysWhatIsWrong(_ client: Client) async throws {
        try client.requirePrograms()
        try await withDaemon(Self.configuration) { daemon in
            let unknown = try await client.run("status", "wbe", socket: daemon.socket)
            #expect(unknown.code == 1 && unknown.output.isEmpty)
            #expect(unknown.error == "client: no service is named 'wbe'; did you mean 'web'?\n")
            let failed = try await client.run("restart", "crash", "web", socket: daemon.socket)
            #expect(failed.code == 1 && failed.output == "crash EXITED\nweb RUNNING\n", "\(failed)")
            #expect(failed.error.hasPrefix("client: crash is EXITED: "), "\(failed.error)")
            #expect(try await client.run("explode", socket: daemon.socket).code == 2)
            let nobody = try await client.run("status", socket: daemon.folder.path("none/control.sock"))
            #expect(nobody.code == 69 && nobody.error.contains("client: no daemon at"), "\(nobody)")
        }
    }

    @Test(arguments: clients) func itDoesNotWaitForEver(_ client: Client) async throws {
        try client.requirePrograms()
        try await withDaemon(Self.configuration) { daemon in
            let ordered = try await client.run("restart", "never", socket: daemon.socket, timeout: 1)
            #expect(ordered.code == 75, "\(ordered)")
            #expect(ordered.error.contains("timed out while waiting: never is STARTING"), "\(ordered.error)")
            // And where the daemon does not answer at all.
            daemon.process.signal(SIGSTOP)
            let asked = try await client.run("status", socket: daemon.socket, timeout: 1)
            daemon.process.signal(SIGCONT)
            #expect(asked.code == 75 && asked.error == "client: no answer in time; the order stands\n", "\(asked)")
        }
    }

    @Test(arguments: clients) func itFollowsEventsAndLogsToTheEnd(_ client: Client) async throws {
        try client.requirePrograms()
        let talker = TOML.child("talker", ["print", "one"], "enabled = false", #"restart = "no""#)
        try await withDaemon(talker) { daemon in
            let (events, lines) = (Facts<String>(), Facts<String>())
            let (watching, eventReader) = try client.begin(["events", "talker"], socket: daemon.socket, events)
            let (reading, lineReader) = try client.begin(["logs", "talker"], socket: daemon.socket, lines)
            defer { for reader in [eventReader, lineReader] { reader.cancel() } }
            _ = try #require(try await events.first(by: .usual) { $0 == "following" })
            try await daemon.order("start", "talker")
            for state in ["STARTING", "RUNNING", "STOPPING", "EXITED"] {
                #expect(
                    try await events.first(by: .usual) { $0.hasSuffix("-> \(state)") } != nil, "\(events.all)")
            }
            #expect(try await lines.first(by: .usual) { $0 == "talker one" } != nil, "\(lines.all)")
            try await daemon.terminate()
            for process in [watching, reading] { #expect(try await process.ended(by: .usual) == .exited(69)) }
        }
    }
}
