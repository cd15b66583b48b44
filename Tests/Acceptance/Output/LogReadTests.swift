import Testing

/// What `supctl logs` and `logs.read` tell.
@Suite(.daemons)
struct LogReadTests {
    /// Asks until the answer fits.
    private func logs(
        _ daemon: Daemon, _ arguments: String..., where fits: (Output) -> Bool
    ) async throws -> Output {
        let deadline = Deadline.usual
        while true {
            let output = try await run(
                Programs.supctl, ["logs"] + arguments, environment: ["SUPD_SOCKET": daemon.socket])
            if fits(output) { return output }
            if deadline.hasPassed { throw Failure("not as expected: \(output)") }
        }
    }

    @Test func whatDrivesATerminalIsEscapedInTextAndJSON() async throws {
        let script = #"printf 'begin \302\2331m \342\200\256 \330\234 \033[1m \177 end\n'; exec sleep 1000"#
        try await withDaemon(TOML.service("web", ["/bin/sh", "-c", script])) { daemon in
            let text = try await logs(daemon, "web") { $0.output.contains("end") }
            let json = try await logs(daemon, "web", "--json") { $0.output.contains("end") }
            for output in [text, json] {
                let unsafe = output.output.unicodeScalars.filter {
                    [0x1B, 0x7F, 0x9B, 0x202E, 0x061C].contains($0.value)
                }
                #expect(unsafe.isEmpty, "\(output)")
            }
            let line = try JSONValue(parsing: json.output).services.array.first?.lines.array.first?["text"].string
            #expect(line == "begin \u{9B}1m \u{202E} \u{61C} \u{1B}[1m \u{7F} end")
        }
    }

    @Test func linesAreFoundByStreamPatternAndTime() async throws {
        let script = "for i in 1 2 3; do echo GET /$$i; echo failed $$i >&2; done; exec sleep 1000"
        let web = TOML.service("web", ["/bin/sh", "-c", script], #"log = { stderr = "separate" }"#)
        let others =
            TOML.child("quiet", ["wait"], #"log = { stderr = "separate" }"#) + TOML.child("same", ["wait"])
        try await withDaemon(web + others) { daemon in
            let none = try await daemon.supctl("logs", "--stderr", "quiet", "same")
            #expect(none.output.isEmpty && none.error.hasPrefix("supctl: same: no such line: "), "\(none)")
            let all = try await logs(daemon, "web") { $0.output.split(separator: "\n").count == 6 }
            let errors = try await daemon.supctl("logs", "--stderr", "-n", "2", "web")
            #expect(
                errors.output
                    == all.output.split(separator: "\n").filter { $0.contains("web !") }.suffix(2).map { $0 + "\n" }
                    .joined())
            let found = try await daemon.supctl("logs", "--grep", "^get /[12]$", "--since", "1h", "web")
            #expect(found.output.hasSuffix("| GET /2\n") && found.output.split(separator: "\n").count == 2, "\(found)")
            let later = try await daemon.supctl("logs", "--since", "2100-01-01T00:00:00Z", "web", "--json")
            #expect(try JSONValue(parsing: later.output).services.array.first?.lines.array == [], "\(later)")
        }
    }

    @Test func aLevelIsNoPartOfTheLineAndIsKept() async throws {
        let folder = try TemporaryFolder()
        let script = [
            "/bin/sh", "-c", "echo '<4>disk'; echo '<6>usual'; echo plain; printf '<3>open'; exec sleep 1000",
        ]
        let log = "sink = \"file\", file = \(TOML.quoted(folder.path("%n")))"
        let configuration =
            TOML.service("web", script, "log = { \(log) }")
            + TOML.service("raw", script, "log = { \(log), level_prefix = false }")
        try await withDaemon(configuration, folder: folder) { daemon in
            let web = try await logs(daemon, "web") { $0.output.contains("open") }
            let lines = web.output.split(separator: "\n").map { $0.split(separator: "|")[1] }
            #expect(lines == [" warning: disk", " usual", " plain", " error: open [unfinished]"], "\(web)")
            let json = try JSONValue(parsing: try await logs(daemon, "web", "--json") { $0.code == 0 }.output)
            let entries = json.services.array[0].lines.array + json.services.array[0].unfinished.array
            #expect(entries.map { $0["text"].string } == ["disk", "usual", "plain", "open"])
            #expect(entries.map { $0["level"].string } == ["warning", "info", nil, "error"])
            let raw = try await logs(daemon, "raw") { $0.output.contains("open") }
            #expect(
                raw.output.split(separator: "\n").map { $0.split(separator: "|")[1] }
                    == [" <4>disk", " <6>usual", " plain", " <3>open [unfinished]"], "\(raw)")
            for (name, text) in [("web", "warning: disk\nusual\nplain\n"), ("raw", "<4>disk\n<6>usual\nplain\n")] {
                let deadline = Deadline.usual
                while folder.read(name) != text {
                    if deadline.hasPassed { throw Failure("\(name): \(folder.read(name) ?? "nothing")") }
                    _ = try await daemon.service(name)
                }
            }
        }
    }

    @Test func aPromptIsShownAndEmptyLinesAre() async throws {
        let script = #"printf 'one\r\n\n\nlogin: '; exec sleep 1000"#
        try await withDaemon(TOML.service("web", ["/bin/sh", "-c", script])) { daemon in
            let output = try await logs(daemon, "web") { $0.output.contains("login") }
            let lines = output.output.split(separator: "\n").map { $0.split(separator: "|")[1] }
            #expect(lines == [" one", " ", " ", " login:  [unfinished]"], "\(output)")
            #expect(output.error.isEmpty)
        }
    }

    @Test func whereNothingIsKeptThatIsSaid() async throws {
        let script = ["/bin/sh", "-c", "echo a line; exec sleep 1000"]
        let configuration =
            TOML.service("none", script, #"log = { sink = "none" }"#)
            + TOML.service("inherit", script, #"log = { sink = "inherit" }"#)
            + TOML.service("off", script, "log = { memory = 0 }")
        try await withDaemon(configuration) { daemon in
            let output = try await logs(daemon, "*") { _ in true }
            #expect(output.code == 0 && output.output.isEmpty)
            #expect(
                output.error.split(separator: "\n").sorted() == [
                    "supctl: inherit: nothing is kept: log.sink is \"inherit\", the output of supd itself",
                    "supctl: none: nothing is kept: log.sink is \"none\"",
                    "supctl: off: nothing is kept: log.memory is 0",
                ])
        }
    }

    @Test func asManyLinesAsAskedForOrTheReason() async throws {
        // Three megabytes: more than one reply has.
        let script = ["/bin/sh", "-c", "seq -f '%%3000.0f' 1 1200; echo the end; exec sleep 1000"]
        let folder = try TemporaryFolder()
        let sink = "sink = \"file\", file = \(TOML.quoted(folder.path("%n")))"
        let configuration =
            TOML.service("large", script, "log = { \(sink), memory = \"8MiB\" }")
            + TOML.service("usual", script, "log = { \(sink) }")
        try await withDaemon(configuration, folder: folder) { daemon in
            let all = try await logs(daemon, "large", "-n", "1000") { $0.output.contains("the end") }
            let numbers = all.output.split(separator: "\n").dropLast().compactMap {
                $0.split(separator: " ").last.flatMap { Int($0) }
            }
            #expect(numbers == Array(202...1200) && all.error.isEmpty, "\(all.error)")
            let some = try await logs(daemon, "usual", "-n", "1000") { $0.output.contains("the end") }
            let found = some.output.split(separator: "\n").count
            #expect(found < 10)
            #expect(some.error == "supctl: usual: \(found) of 1000 lines: log.memory has no room for older ones\n")
            // One reply alone says where to ask on.
            let reply = try await daemon.connect().call("logs.read", ["services": ["large"], "lines": 1000])
            let large = try #require(reply.services.array.first)
            #expect(large.shortage == "reply" && large.lines.array.count > 50)
            let earlier = try #require(large.earlier.double)
            let page = try await daemon.connect().call(
                "logs.read", ["services": ["large"], "lines": 1, "before": .number(earlier)])
            let last = page.services.array.first?.lines.array.first?["text"].string?.split(separator: " ").last
            #expect(last.flatMap { Int($0) } == 1201 - (large.lines.array.count - 1) - 1)
        }
    }

    @Test func aReplyOverAllServicesIsBoundedAndSharedOut() async throws {
        let folder = try TemporaryFolder()
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "seq -f 'line %%040.0f' 1 2000; echo the end; exec sleep 1000"], "instances = 100",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("%i.log"))), memory = \"256KiB\" }")
        try await withDaemon(configuration, folder: folder) { daemon in
            for number in 1...100 { _ = try await folder.text(of: "\(number).log") { $0.hasSuffix("the end\n") } }
            let connection = try daemon.connect()
            let before = ContinuousClock.now
            let reply = try await connection.call("logs.read", ["services": ["*"], "lines": 1000])
            let took = before.duration(to: .now)
            let services = reply.services.array
            #expect(services.count == 100)
            #expect(services.allSatisfy { $0.lines.array.last?["text"] == "the end" && $0.shortage == "reply" })
            let counts = services.map { $0.lines.array.count }
            #expect(try #require(counts.max()) - #require(counts.min()) <= 1, "\(counts)")
            let size = reply.text.utf8.count
            #expect(size < 512 * 1024 && size > 128 * 1024, "\(size)")
            #expect(took < .seconds(2).atLoad)
        }
    }
}
