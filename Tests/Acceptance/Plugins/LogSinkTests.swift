import Testing

/// A plugin's log sink in the real daemon.
@Suite(.daemons)
struct LogSinkTests {
    private func child(_ verb: [String], _ folder: TemporaryFolder, how: String, _ keys: String = "") -> String {
        let sink = "{ type = \"lines\", file = \(TOML.quoted(folder.path("lines"))), how = \"\(how)\" }"
        return TOML.child("web", verb, "log = { sink = \(sink)\(keys) }")
    }

    @Test func itGetsEveryLineInOrderWithWhatItIsAlsoTheLast() async throws {
        let folder = try TemporaryFolder()
        let script = "echo one; echo two >&2; trap 'printf last; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
        let configuration =
            "[service.web]\nexec_start = \(TOML.list(["/bin/sh", "-c", script]))\n"
            + "kill_mode = \"mixed\"\nlog = { sink = { type = \"lines\", file = \(TOML.quoted(folder.path("lines"))) }, stderr = \"separate\" }\n"
        var pid = 0
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            pid = try await daemon.service("web").requirePID()
            _ = try await folder.text(of: "lines") { $0.contains("ready") && $0.contains("two") }
            let memory = try await daemon.connect().call("logs.read", ["services": ["web"]])
            #expect(memory.services.array.first?.lines.array.count == 3, "\(memory.text)")
            #expect(try await daemon.terminate() == .exited(0))
        }
        let lines = (folder.read("lines") ?? "").split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.contains("stdout") } == ["one", "ready", "last"].map { "web \(pid) 1 stdout \($0)" })
        #expect(lines.filter { $0.contains("stderr") } == ["web \(pid) 1 stderr two"])
    }

    @Test func oneThatHangsLosesCountedLinesAndIsAbandonedByName() async throws {
        let folder = try TemporaryFolder()
        let configuration =
            "[supervisor.drain]\nflush = \"500ms\"\n"
            + child(["flood"], folder, how: "hanging", #", overflow = "drop""#)
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            let connection = try daemon.connect()
            var dropped = 0
            let deadline = Deadline.usual
            while dropped == 0, !deadline.hasPassed {
                let logs = try await connection.call("logs.read", ["services": ["web"], "lines": 1])
                dropped = logs.services.array.first?.dropped.int ?? 0
            }
            #expect(dropped > 0)
            let late = try await daemon.log.first(by: .usual) {
                $0.contains("web of plugin 'trouble' does not keep up")
            }
            #expect(late != nil)
            #expect(try await daemon.service("web").state == "RUNNING")
            #expect(try await daemon.terminate() == .exited(75))
            let abandoned = try daemon.report().tasks.abandoned.array.compactMap(\.name.string)
            #expect(abandoned == ["log sink lines: web"])
            let lost = try await daemon.log.first(by: .usual) { $0.contains("did not take everything: ") }
            #expect(lost != nil)
        }
    }

    @Test func oneThatIsSlowerThanItsServiceGetsEveryLine() async throws {
        let folder = try TemporaryFolder()
        let sink = "{ type = \"lines\", file = \(TOML.quoted(folder.path("lines"))) }"
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "seq 100000; exec sleep 1000"], "log = { sink = \(sink) }")
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            let text = try await folder.text(of: "lines", within: 60) { $0.hasSuffix(" 100000\n") }
            let numbers = text.split(separator: "\n").compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
            #expect(numbers == Array(1...100_000))
        }
    }

    @Test func oneThatFailsIsSaidOnceAndItsLinesAreCounted() async throws {
        let folder = try TemporaryFolder()
        let configuration = child(["chronicle", "/dev/stdout", "web"], folder, how: "failing")
        try await withDaemon(configuration, folder: folder, program: Programs.troubled) { daemon in
            let said = try await daemon.log.first(by: .usual) {
                $0.contains("log sink 'lines' of web of plugin 'trouble' fails: no room")
            }
            #expect(said != nil)
            // Who follows is told as well.
            let told = try await daemon.supctl("events", "--kind", "plugin", "--json")
            let event = try #require(JSONValue(parsing: told.output).events.array.first)
            #expect(event.plugin == "trouble" && event["text"].string?.contains("no room") == true, "\(told)")
            #expect(try await daemon.terminate() == .exited(0))
            let lost = try await daemon.log.first(by: .usual) { $0.contains("did not take everything: ") }
            #expect(lost != nil)
            #expect(daemon.log.all.count { $0.contains(" fails: ") } == 1)
        }
    }
}
