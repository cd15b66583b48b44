import Glibc
import Testing

/// `logs.follow`.
@Suite(.daemons)
struct FollowTests {
    /// What one follower was told: how many lines, and how many of them were missing.
    private struct Told {
        var lines = 0
        var missing = 0
        var all: Int { lines + missing }
    }

    /// Reads until the line `end`, which counts.
    private func read(_ connection: Connection, until end: String, within seconds: Double = 120) async throws -> Told {
        var told = Told()
        while let line = try await connection.line(within: seconds) {
            // Read as text: a hundred thousand lines take a while to be read as JSON.
            if let gap = line.firstMatch(of: /"gap":([0-9]+)/)?.1 {
                told.missing += Int(gap) ?? 0
            } else {
                told.lines += 1
                if line.contains(#""text":"\#(end)""#) { return told }
            }
        }
        throw Failure("the daemon closed the connection after \(told)")
    }

    /// How many connections one user may have, but for a few of the test's own.
    private static let followers = getuid() == 0 ? 50 : 10

    @Test func everyFollowerHasAllOrIsToldHowMuchIsMissing() async throws {
        let folder = try TemporaryFolder()
        let count = 100_000
        let script = "seq -f '%%0100.0f' 1 \(count); echo the end; exec sleep 1000"
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", script], "enabled = false",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))) }")
        try await withDaemon(configuration, folder: folder) { daemon in
            let other = try daemon.connect()
            var followers: [Connection] = []
            for _ in 0..<Self.followers {
                let follower = try daemon.connect()
                let reply = try await follower.call("logs.follow", ["services": ["web"], "lines": 0])
                #expect(reply.services.array.first?.lines == [])
                followers.append(follower)
            }
            let before = try #require(try await other.call("supervisor.status").memory.resident.double)
            let (reading, stuck) = (followers.prefix(Self.followers / 2), followers.suffix(Self.followers / 2))
            try await daemon.order("start", "web")
            let told = try await withThrowingTaskGroup(of: Told?.self) { group in
                for follower in reading { group.addTask { try await read(follower, until: "the end") } }
                group.addTask {
                    // However much is written and read, others are answered.
                    for _ in 0..<50 { _ = try await other.call("supervisor.ping", within: 20) }
                    return nil
                }
                return try await group.reduce(into: [Told]()) { if let told = $1 { $0.append(told) } }
            }
            #expect(told.count == reading.count && told.allSatisfy { $0.all == count + 1 }, "\(told)")
            #expect(folder.read("web.log")?.hasSuffix("the end\n") == true)
            let after = try #require(try await other.call("supervisor.status").memory.resident.double)
            #expect(after - before < 32_000_000, "\(before) to \(after)")
            for follower in stuck {
                let told = try await read(follower, until: "the end")
                #expect(told.all == count + 1 && told.missing > 0, "\(told)")
            }
        }
    }

    /// One reply has no room for them.
    @Test func supctlBeginsWithAllLinesThatAreKeptHoweverLong() async throws {
        let folder = try TemporaryFolder()
        let web = TOML.service(
            "web", ["/bin/sh", "-c", "seq -f '%%01000.0f' 1 900; exec sleep 1000"],
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))), memory = \"2MiB\" }")
        try await withDaemon(web, folder: folder) { daemon in
            _ = try await folder.text(of: "web.log") { $0.utf8.count == 900 * 1001 }
            for (options, expected) in [([], Array(1...900)), (["--grep", "^0+(7|900)$"], [7, 900])] {
                let (reading, writing) = try Descriptor.pipe()
                let supctl = try ChildProcess(
                    Programs.supctl, ["logs", "-f", "-n", "1000", "web"] + options,
                    environment: ["SUPD_SOCKET": daemon.socket], output: writing)
                let shown = Facts<String>()
                let reader = shown.recordLines(of: reading)
                _ = try await shown.first(by: .usual) { $0.hasSuffix("900") }
                await supctl.destroy()
                reader.cancel()
                #expect(shown.all.map { $0.split(separator: " ").last.flatMap { Int($0) } } == expected)
            }
        }
    }

    @Test func linesOfSeveralComeInTheOrderThatTheyWereWrittenIn() async throws {
        let script = "exec sed -u 's/^/%i /' pipe%i"
        let folder = try TemporaryFolder()
        let pipes = ["pipe1", "pipe2"].map { folder.path($0) }
        for pipe in pipes { #expect(mkfifo(pipe, 0o600) == 0) }
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", script], "instances = 2",
            "working_directory = \(TOML.quoted(folder.path))",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("%i.log"))) }")
        try await withDaemon(configuration, folder: folder) { daemon in
            let writers = try pipes.map { try Descriptor(answer: open($0, O_WRONLY), of: "opening \($0)") }
            func write(_ number: Int, _ text: String) throws {
                let bytes = Array((text + "\n").utf8)
                #expect(Glibc.write(writers[number - 1].number, bytes, bytes.count) == bytes.count)
            }
            try write(1, "early")
            _ = try await folder.text(of: "1.log") { $0.contains("early") }
            let follower = try daemon.connect()
            let reply = try await follower.call("logs.follow", ["services": ["web@*"], "lines": 5])
            #expect(reply.services.array.map { $0.lines.array.map(\.["text"]) } == [["1 early"], []])
            var told: [String] = []
            for number in 0..<20 {
                try write(number % 2 + 1, "\(number)")
                let notice = try await follower.reply()
                #expect(notice.method == "line" && notice.params.name == .string("web@\(number % 2 + 1)"))
                told.append(notice.params["text"].string ?? "")
            }
            #expect(told == (0..<20).map { "\($0 % 2 + 1) \($0)" })
        }
    }

    @Test func anInstanceThatComesLaterIsFollowedToo() async throws {
        let script = ["/bin/sh", "-c", "echo up %i; exec sleep 1000"]
        let configuration = TOML.service("web", script, #"tags = ["front"]"#)
        try await withDaemon(configuration) { daemon in
            let follower = try daemon.connect()
            _ = try await follower.call("logs.follow", ["services": ["tag:front"], "lines": 0])
            let scale: JSONValue = ["service": "web", "instances": 3, "wait": true]
            _ = try await daemon.connect().call("service.scale", scale)
            var names: Set<String> = []
            // What the first has said may come in between.
            while !names.isSuperset(of: ["web@2", "web@3"]) {
                names.insert(try await follower.reply().params.name.string ?? "")
            }
            try daemon.folder.write("supd.toml", configuration + TOML.service("new", script, #"tags = ["front"]"#))
            #expect(try await daemon.supctl("apply").code == 0)
            var name: JSONValue = .null
            while name != "new" { name = try await follower.reply().params.name }
        }
    }
}
